/// Where the time comes from: rules are told it, and only what runs them asks.
package protocol Clock: Sendable {
    func now() -> Timestamp
}
