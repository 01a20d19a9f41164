internal import Crypto
internal import Metering

/// The text of an API key: `smk_<key id>_<secret><checksum>`, of 12, 64 and 8 hexadecimal digits.
///
/// The checksum is the beginning of SHA-256 of all that is before it. So a key that was mistyped is told without asking the database, and whoever
/// searches files for secrets knows a key from what only looks like one. Keys of before there were checksums are 8 digits shorter.
struct KeyText {
    private static let prefix = "smk_"
    private static let idLength = 12
    private static let secretLength = 64
    private static let checksumLength = 8

    let id: KeyID
    /// With its checksum, where it has one: of this the hash is stored.
    let secret: Substring

    /// Whether the text has the beginning of a key's.
    static func isClaimed(by text: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

    /// Nil for a text that no key ever had.
    init?(_ text: String) throws(CryptoFailure) {
        let bytes = text.utf8
        let idStart = Self.prefix.utf8.count
        let secretStart = idStart + Self.idLength + 1
        guard Self.isClaimed(by: text), bytes.allSatisfy({ $0 < 0x80 }), bytes.count > secretStart else { return nil }
        let parts = text.dropFirst(idStart).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == Self.idLength, parts.allSatisfy(Self.isHex) else { return nil }
        switch parts[1].utf8.count {
        case Self.secretLength: break
        case Self.secretLength + Self.checksumLength:
            let checksum = try Self.checksum(of: String(text.dropLast(Self.checksumLength)))
            guard text.hasSuffix(checksum) else { return nil }
        default: return nil
        }
        id = KeyID(stored: String(parts[0]))
        secret = parts[1]
    }

    /// A new key's text, of 48 random bits for its id and 256 for its secret.
    static func random() throws(CryptoFailure) -> String {
        let id = try Hex.text(randomBytes(idLength / 2))
        let text = "\(prefix)\(id)_\(Hex.text(try randomBytes(secretLength / 2)))"
        return text + (try checksum(of: text))
    }

    private static func checksum(of text: String) throws(CryptoFailure) -> String {
        String(Hex.text(try SHA256.hash(text)).prefix(checksumLength))
    }

    private static func isHex(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
