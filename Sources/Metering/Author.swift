/// Who made a change, as histories keep it.
package struct Author: Equatable, Sendable {
    package let text: String

    package init(stored text: String) { self.text = text }

    /// The timer, or whatever else does what had been agreed.
    package static let system = Author(stored: "system")
    /// Somebody at the machine, by a command.
    package static let command = Author(stored: "command")

    /// Stripe, by a signed event.
    package static let stripe = Author(stored: "stripe")

    package static func key(_ id: KeyID) -> Author { Author(stored: "key:\(id)") }
}
