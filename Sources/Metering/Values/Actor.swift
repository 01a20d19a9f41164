/// Who made a change, as histories keep it.
package struct Actor: Equatable, Sendable {
    package let text: String

    package init(stored text: String) { self.text = text }

    /// The timer, or whatever else does what had been agreed.
    package static let system = Actor(stored: "system")
    /// Somebody at the machine, by a command.
    package static let command = Actor(stored: "command")

    /// Stripe, by a signed event.
    package static let stripe = Actor(stored: "stripe")

    package static func key(_ id: KeyID) -> Actor { Actor(stored: "key:\(id)") }
}
