/// A JWT secret that another one took the place of.
package struct RetiredSecret: Equatable, Sendable {
    package let text: String
    /// From then on it signs nothing.
    package let validUntil: Timestamp

    package init(text: String, validUntil: Timestamp) {
        self.text = text
        self.validUntil = validUntil
    }
}

extension Shop {
    /// What its users' tokens may be signed with, the newest first: two at most.
    package func jwtSecrets(at now: Timestamp) -> [String] {
        guard let previousSecret, now < previousSecret.validUntil else { return [jwtSecret] }
        return [jwtSecret, previousSecret.text]
    }
}
