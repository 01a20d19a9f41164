/// The origin of a web page (RFC 6454): `https://shop.example`, with a port where it is not the scheme's.
package struct WebOrigin: Equatable, Sendable {
    package let text: String

    /// The most that a shop allows.
    package static let maximum = 20
    /// In bytes.
    package static let maximumLength = 300

    /// Nil for what is no origin of http or https, or has a path.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, let url = WebhookURL(text, allowingPlain: true), url.target == "/",
            !text.hasSuffix("/")
        else {
            return nil
        }
        self.text = "\(url.isSecure ? "https" : "http")://\(url.authority)"
    }
}

/// A colour of a shop's: `#1f5fbf`.
package struct BrandColor: Equatable, Sendable {
    package let text: String

    /// Nil unless the text is # and six hexadecimal digits.
    package init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        let isHex: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0) }
        guard text.hasPrefix("#"), digits.count == 6, digits.allSatisfy(isHex) else { return nil }
        self.text = text.lowercased()
    }
}
