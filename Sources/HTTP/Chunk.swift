/// `chunk = chunk-size CRLF chunk-data CRLF` (RFC 9112, 7.1), as a response writes it.
package enum Chunk {
    /// The last chunk, which ends a chunked body, without trailers.
    package static let last = Array("0\r\n\r\n".utf8)

    /// Appends one chunk with these bytes. No bytes append nothing, as an empty chunk would end the body.
    package static func append(_ bytes: [UInt8], to out: inout [UInt8]) {
        if bytes.isEmpty { return }
        out.append(contentsOf: String(bytes.count, radix: 16).utf8)
        out.append(contentsOf: "\r\n".utf8)
        out.append(contentsOf: bytes)
        out.append(contentsOf: "\r\n".utf8)
    }
}

/// `chunk-size [ chunk-ext ]`, the line before each chunk of a request (RFC 9112, 7.1). Extensions are bounded, checked and ignored.
struct ChunkLine {
    /// Bytes of the chunk's data.
    let size: Int
    /// Bytes of the extensions.
    let extensionBytes: Int

    /// No body needs more digits than sixteen, and sixteen fit into 64 bits.
    private static let maximumDigits = 16

    init(_ line: Span<UInt8>) throws(RequestError) {
        var digits = 0
        var value: UInt64 = 0
        while digits < line.count, let digit = HexDigit.value(line[digits]) {
            digits += 1
            guard digits <= Self.maximumDigits else { throw .chunkSize }
            value = value << 4 | UInt64(digit)
        }
        guard digits > 0 else { throw .chunkSize }
        let rest = line.extracting(digits..<line.count)
        try ChunkExtensions.check(rest)
        size = Int(clamping: value)
        extensionBytes = rest.count
    }
}
