/// An id that a client chooses: 1–128 characters of `A-Z a-z 0-9 . _ : @ -`.
package protocol Identifier: RawRepresentable, Hashable, Sendable, CustomStringConvertible where RawValue == String {
    /// Takes what was checked when it was first stored.
    init(stored: String)
}

extension Identifier {
    /// Nil when the text is not an id.
    package init?(rawValue: String) {
        guard IdentifierText.isValid(rawValue) else { return nil }
        self.init(stored: rawValue)
    }

    package var description: String { rawValue }
}

package enum IdentifierText {
    package static let maximumLength = 128
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

package struct EventID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

package struct PlanName: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    /// The plan of every user who has no live subscription.
    package static let free = PlanName(stored: "free")
}

/// What is counted: `tokens`, `api_calls`, any name of a shop's choice.
package struct Meter: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }

    /// The meter that every plan has.
    package static let tokens = Meter(stored: "tokens")
    /// Calls of a shop's endpoints.
    package static let apiCalls = Meter(stored: "api_calls")
}
