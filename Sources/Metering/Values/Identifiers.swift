internal import Bytes

/// An id or a name, of the form that its type says. Ids are equal, and in order, by their bytes.
package protocol Identifier: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible where RawValue == String {
    static var form: IdentifierForm { get }

    /// Takes a text that was checked when it was first stored.
    init(stored: String)
}

extension Identifier {
    package static var form: IdentifierForm { .name }

    /// Nil when the text is not of the form.
    package init?(rawValue: String) {
        guard Self.form.accepts(rawValue) else { return nil }
        self.init(stored: rawValue)
    }

    package var description: String { rawValue }

    package static func == (left: Self, right: Self) -> Bool { left.rawValue.hasSameBytes(as: right.rawValue) }

    package func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue.hasBytes(before: right.rawValue) }
}

/// An id that a client brings from its own system: of a user, an event, a charge.
package protocol ClientIdentifier: Identifier {}

extension ClientIdentifier {
    package static var form: IdentifierForm { .clientID }
}

/// What texts an id or a name may be.
package struct IdentifierForm: Sendable {
    /// In words, for whoever sent a text of another form.
    package let expectation: String
    /// As a regular expression of ECMA-262.
    package let pattern: String
    package let accepts: @Sendable (String) -> Bool

    /// The name of a thing that a shop makes here: a plan, a meter, a key, the shop itself.
    package static let name = IdentifierForm(
        expectation: "1 to 128 characters of A-Z a-z 0-9 . _ : @ -", pattern: "^[A-Za-z0-9._:@-]{1,128}$",
        accepts: { (1...maximumNameLength).contains($0.utf8.count) && $0.utf8.allSatisfy(isNameByte) })

    /// The name of a language model: as `name`, and `/`.
    package static let modelName = IdentifierForm(
        expectation: "1 to 128 characters of A-Z a-z 0-9 . _ : @ / -", pattern: "^[A-Za-z0-9._:@/-]{1,128}$",
        accepts: { (1...maximumNameLength).contains($0.utf8.count) && $0.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: "/") } })

    /// An id of a client's own. The pattern counts characters, and an id's bytes are counted.
    package static let clientID = IdentifierForm(
        expectation: "1 to 256 bytes of UTF-8 without control characters",
        pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]{1,256}$", accepts: isClientID)

    private static let maximumNameLength = 128
    private static let maximumClientIDLength = 256

    package static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// The control characters of Unicode (Cc) are U+0000–U+001F, U+007F, and U+0080–U+009F, whose bytes are C2 80–C2 9F.
    private static func isClientID(_ text: String) -> Bool {
        guard (1...maximumClientIDLength).contains(text.utf8.count) else { return false }
        var before: UInt8 = 0
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7F || before == 0xC2 && byte < 0xA0 { return false }
            before = byte
        }
        return true
    }
}

package struct ShopID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

package struct UserID: ClientIdentifier {
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

    /// The platform's operator, by the admin token.
    package static let admin = Actor(stored: "admin")

    /// A job of the service.
    package static func job(_ name: String) -> Actor { Actor(stored: "job:\(name)") }

    /// Whoever holds an API key: `key:3f6a1c9e5b7d`.
    package static func key(_ id: KeyID) -> Actor { Actor(stored: "key:\(id)") }
}
