/// URL-safe base 64 without padding (RFC 4648, 5), as JWTs use it (RFC 7515, 2).
///
/// Each value has one text: padding, white space, the alphabet of plain base 64 and stray bits in the last character are not accepted, so
/// that a token cannot be changed and still verify (RFC 4648, 3.5).
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The value of each byte as a character; nil for a byte outside the alphabet.
    private static let values: [UInt8?] = {
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var held = 0
        var heldBits = 0
        for byte in bytes {
            held = (held << 8 | Int(byte)) & 0xFFFF
            heldBits += 8
            while heldBits >= 6 {
                heldBits -= 6
                text.append(alphabet[held >> heldBits & 63])
            }
        }
        if heldBits > 0 { text.append(alphabet[held << (6 - heldBits) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of the text; nil when `text` makes that text of no bytes.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var held = 0
        var heldBits = 0
        for character in text.utf8 {
            guard let value = values[Int(character)] else { return nil }
            held = (held << 6 | Int(value)) & 0xFFFF
            heldBits += 6
            if heldBits >= 8 {
                heldBits -= 8
                bytes.append(UInt8(held >> heldBits & 255))
            }
        }
        let stray = held & (1 << heldBits - 1)
        return heldBits < 6 && stray == 0 ? bytes : nil
    }
}
