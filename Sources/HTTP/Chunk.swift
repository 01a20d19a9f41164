/// `chunk = chunk-size CRLF chunk-data CRLF` (RFC 9112, 7.1)
package enum Chunk {
    /// The end of a chunked body, without trailers.
    package static let last = Array("0\r\n\r\n".utf8)

    /// Writes one chunk; empty bytes are left out, as an empty chunk would end the body.
    package static func append(_ bytes: [UInt8], to out: inout [UInt8]) {
        if bytes.isEmpty { return }
        out.append(contentsOf: String(bytes.count, radix: 16).utf8)
        out.append(contentsOf: "\r\n".utf8)
        out.append(contentsOf: bytes)
        out.append(contentsOf: "\r\n".utf8)
    }
}
