/// `chunk-size [ chunk-ext ]`, the line before each chunk (RFC 9112, 7.1). Extensions are bounded and ignored.
struct ChunkLine {
    let size: Int
    /// Bytes of the extensions.
    let extensionBytes: Int

    /// Sixteen digits are more than any body takes, and their value fits into 64 bits.
    private static let maximumDigits = 16

    init(_ line: Span<UInt8>) throws(RequestError) {
        var digits = 0
        var value: UInt64 = 0
        while digits < line.count, let digit = Hexadecimal.value(line[digits]) {
            digits += 1
            guard digits <= Self.maximumDigits else { throw .chunkSize }
            value = value << 4 | UInt64(digit)
        }
        guard digits > 0 else { throw .chunkSize }
        let rest = line.extracting(digits..<line.count)
        try Self.checkExtensions(rest)
        size = Int(clamping: value)
        extensionBytes = rest.count
    }

    /// `*( BWS ";" BWS chunk-ext-name … )`: what follows the size must start like an extension and hold no control byte.
    private static func checkExtensions(_ bytes: Span<UInt8>) throws(RequestError) {
        if bytes.isEmpty { return }
        let start = Text.trimmed(bytes).lowerBound
        guard start < bytes.count, bytes[start] == UInt8(ascii: ";") else { throw .chunkSize }
        guard ByteSet.fieldValue.containsAll(of: bytes) else { throw .chunkExtension }
    }
}
