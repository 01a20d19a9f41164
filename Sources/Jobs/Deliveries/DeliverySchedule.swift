internal import Metering

/// How many messages go to each endpoint at once. One that fails has less, and pauses; and all that fail together have half of the senders, so that no
/// receiver that is slow or hangs holds up the others. No I/O.
struct DeliverySchedule {
    /// The threads that send.
    static let senders = 16
    /// The most lines of one endpoint at once.
    static let perEndpoint = 4
    /// The most lines at once of all endpoints whose last attempt failed.
    static let ofFailing = senders / 2
    /// How many attempts in a row fail before an endpoint pauses.
    static let patience = 3
    /// The first and the longest pause, in milliseconds.
    static let pauses: ClosedRange<Int64> = 5_000...300_000

    private struct Standing {
        var users: Set<UserID?> = []
        /// Attempts that failed in a row.
        var failures = 0
        var pausedUntil: Timestamp?
    }

    private var endpoints: [WebhookEndpointID: Standing] = [:]

    /// The lines under way.
    var count: Int { endpoints.values.reduce(0) { $0 + $1.users.count } }

    /// The users whose lines for the endpoint are under way.
    func users(of endpoint: WebhookEndpointID) -> Set<UserID?> { endpoints[endpoint]?.users ?? [] }

    /// How many lines more may begin for the endpoint at `now`.
    func room(for endpoint: WebhookEndpointID, at now: Timestamp) -> Int {
        let (standing, free) = (endpoints[endpoint] ?? Standing(), Self.senders - count)
        if let end = standing.pausedUntil, now < end { return 0 }
        guard standing.failures > 0 else { return max(0, min(free, Self.perEndpoint - standing.users.count)) }
        let failing = endpoints.values.filter { $0.failures > 0 }.reduce(0) { $0 + $1.users.count }
        return max(0, min(free, Self.ofFailing - failing, 1 - standing.users.count))
    }

    mutating func begin(_ user: UserID?, for endpoint: WebhookEndpointID) { endpoints[endpoint, default: Standing()].users.insert(user) }

    /// Notes that a line ended, and whether its attempts succeeded, in order. Returns whether the endpoint answers again after a pause.
    mutating func end(_ user: UserID?, for endpoint: WebhookEndpointID, _ attempts: [Bool], at now: Timestamp) -> Bool {
        var standing = endpoints[endpoint] ?? Standing()
        standing.users.remove(user)
        var isBack = false
        for isSuccess in attempts {
            if isSuccess {
                isBack = isBack || standing.failures >= Self.patience
                (standing.failures, standing.pausedUntil) = (0, nil)
            } else {
                standing.failures += 1
            }
        }
        if standing.failures >= Self.patience {
            let doublings = min(10, standing.failures - Self.patience)
            standing.pausedUntil = now.adding(milliseconds: min(Self.pauses.upperBound, Self.pauses.lowerBound << Int64(doublings)))
        }
        endpoints[endpoint] = standing.users.isEmpty && standing.failures == 0 ? nil : standing
        return isBack
    }

    /// Forgets endpoints of which nothing waits, so that what is remembered has a bound.
    mutating func keep(_ waiting: Set<WebhookEndpointID>) {
        endpoints = endpoints.filter { !$0.value.users.isEmpty || waiting.contains($0.key) }
    }
}
