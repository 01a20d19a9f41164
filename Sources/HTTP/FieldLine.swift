/// `field-line = field-name ":" OWS field-value OWS` (RFC 9112, 5)
struct FieldLine {
    /// In lower case.
    let name: String
    let value: String

    init(_ line: Span<UInt8>) throws(RequestError) {
        if let first = line.indices.first, line[first] == UInt8(ascii: " ") || line[first] == UInt8(ascii: "\t") { throw .foldedLine }
        let nameEnd = Self.nameEnd(line)
        guard nameEnd > 0, nameEnd < line.count, line[nameEnd] == UInt8(ascii: ":") else { throw .fieldName }
        name = Self.lowercased(line.extracting(0..<nameEnd))
        let rest = line.extracting(nameEnd + 1..<line.count)
        let value = rest.extracting(Text.trimmed(rest))
        guard ByteSet.fieldValue.containsAll(of: value), let text = Text.string(value) else { throw .fieldValue }
        self.value = text
    }

    /// Where the token ends that the line starts with.
    private static func nameEnd(_ line: Span<UInt8>) -> Int {
        let token = ByteSet.token
        var end = 0
        while end < line.count, token.contains(line[end]) { end += 1 }
        return end
    }

    /// A token is ASCII, so nothing is repaired here.
    private static func lowercased(_ name: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.count)
        for index in name.indices { bytes.append(Text.lowercased(name[index])) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
