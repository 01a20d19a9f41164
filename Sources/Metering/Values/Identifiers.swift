internal import Bytes

/// An id that a client chooses: 1 to 128 characters of `A-Z a-z 0-9 . _ : @ -`. Ids are equal, and in order, by their bytes.
package protocol Identifier: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible where RawValue == String {
    /// Takes a text that was checked when it was first stored.
    init(stored: String)
}

extension Identifier {
    /// Nil when the text is not an id.
    package init?(rawValue: String) {
        guard IdentifierText.isValid(rawValue) else { return nil }
        self.init(stored: rawValue)
    }

    package var description: String { rawValue }

    package static func == (left: Self, right: Self) -> Bool { left.rawValue.hasSameBytes(as: right.rawValue) }

    package func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue.hasBytes(before: right.rawValue) }
}

/// The form of an id.
package enum IdentifierText {
    package static let maximumLength = 128
    /// The form in words, for whoever sent a text of another one.
    package static let expectation = "1 to 128 characters of A-Z a-z 0-9 . _ : @ -"

    package static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...maximumLength).contains(bytes.count) && bytes.allSatisfy(isAllowed)
    }

    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

package struct ShopID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

package struct UserID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// Who made a change, as histories keep it.
package struct Actor: Equatable, Sendable {
    package let text: String

    package init(stored text: String) { self.text = text }

    /// The timer, or whatever else carries out at its time what was agreed before.
    package static let system = Actor(stored: "system")
    /// Somebody at the machine, by a command.
    package static let command = Actor(stored: "command")
    /// Stripe, by a signed event.
    package static let stripe = Actor(stored: "stripe")

    /// Whoever holds an API key: `key:3f6a1c9e5b7d`.
    package static func key(_ id: KeyID) -> Actor { Actor(stored: "key:\(id)") }
}
