/// The text of a secret setting. Whatever prints, logs or reflects it shows `(secret)`.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself, for the one call that needs it.
    let revealed: String

    init(_ text: String) { revealed = text }

    var description: String { "(secret)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a secret has to be. An error names the rule that is broken, and never the text.
struct SecretRule: Sendable {
    let sentence: String
    let holds: @Sendable (String) -> Bool

    init(_ sentence: String, holds: @escaping @Sendable (String) -> Bool) { (self.sentence, self.holds) = (sentence, holds) }

    static let adminToken = [
        SecretRule("at least 16 characters") { $0.utf8.count >= 16 },
        SecretRule("only the characters A-Z a-z 0-9 - . _ ~ + / =") { $0.utf8.allSatisfy(KnownSettings.isTokenCharacter) },
    ]
}
