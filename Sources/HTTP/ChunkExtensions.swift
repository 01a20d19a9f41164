/// `chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112, 7.1.1), where the name is a token, and the value is a
/// token or a quoted string. Extensions are checked and ignored.
enum ChunkExtensions {
    /// - Parameter bytes: what follows the chunk's size in its line. Throws `chunkSize` when that is no extension at all.
    static func check(_ bytes: Span<UInt8>) throws(RequestError) {
        var index = 0
        var error = RequestError.chunkSize
        while index < bytes.count {
            index = blanks(bytes, from: index)
            guard index < bytes.count, bytes[index] == UInt8(ascii: ";") else { throw error }
            error = .chunkExtension
            guard let end = token(bytes, from: blanks(bytes, from: index + 1)) else { throw error }
            let sign = blanks(bytes, from: end)
            if sign < bytes.count, bytes[sign] == UInt8(ascii: "=") {
                let value = blanks(bytes, from: sign + 1)
                guard let end = token(bytes, from: value) ?? quotedString(bytes, from: value) else { throw error }
                index = end
            } else {
                index = end
            }
        }
    }

    /// The end of `BWS = *( SP / HTAB )`.
    private static func blanks(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, Text.isBlank(bytes[index]) { index += 1 }
        return index
    }

    /// The end of the token; nil when there is none.
    private static func token(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        let end = ByteSet.token.end(of: bytes, from: start)
        return end > start ? end : nil
    }

    /// The end of `quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE` (RFC 9110, 5.6.4); nil when there is none.
    private static func quotedString(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
        var index = start + 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\"") { return index + 1 }
            if bytes[index] == UInt8(ascii: "\\") {
                // `quoted-pair = "\" ( HTAB / SP / VCHAR / obs-text )`
                guard index + 1 < bytes.count, ByteSet.fieldValue.contains(bytes[index + 1]) else { return nil }
                index += 2
            } else {
                guard ByteSet.quoted.contains(bytes[index]) else { return nil }
                index += 1
            }
        }
        return nil
    }
}
