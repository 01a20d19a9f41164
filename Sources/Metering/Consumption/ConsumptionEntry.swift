/// Calls of an endpoint that a user made on a day (UTC).
package struct ConsumptionEntry: Equatable, Sendable {
    package let user: UserID
    /// The shop's own words, such as `/v1/chat/completions`.
    package let endpoint: String
    package let day: CivilDay
    package let apiCalls: Quantity

    package init(user: UserID, endpoint: String, day: CivilDay, apiCalls: Quantity) {
        self.user = user
        self.endpoint = endpoint
        self.day = day
        self.apiCalls = apiCalls
    }
}
