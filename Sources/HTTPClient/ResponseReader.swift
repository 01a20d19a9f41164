/// Reads an answer as its bytes come (RFC 9112): the status, and the beginning of the body. No I/O.
struct ResponseReader {
    private let limits: HTTPClient.Limits
    private var buffer: [UInt8] = []
    private(set) var status: Int?
    private var body: [UInt8] = []
    /// The body's length; nil: until the connection ends.
    private var length: Int?
    private var isChunked = false

    init(_ limits: HTTPClient.Limits) { self.limits = limits }

    /// The beginning of the body, at most `limits.answer` bytes; of a chunked one without the chunks' frames.
    var answer: [UInt8] { Array((isChunked ? Self.unframed(body) : body).prefix(limits.answer)) }

    /// Takes the next bytes, none at the end of the connection. Returns whether nothing more is wanted. Throws for what is no answer.
    mutating func take(_ bytes: [UInt8]) throws(CallFailure) -> Bool {
        guard status == nil else {
            body += bytes
            return isDone(atEnd: bytes.isEmpty)
        }
        buffer += bytes
        while status == nil {
            guard let end = Self.headEnd(in: buffer) else {
                guard buffer.count <= limits.head else { throw CallFailure("the answer's head is longer than \(limits.head) bytes") }
                guard !bytes.isEmpty else { throw CallFailure("the connection ended before there was an answer") }
                return false
            }
            let head = try Self.head(buffer[..<end])
            buffer.removeFirst(end)
            // 100 to 199 stand before the answer.
            if head.status >= 200 { (status, length, isChunked) = (head.status, head.length, head.isChunked) }
        }
        (body, buffer) = (buffer, [])
        return isDone(atEnd: bytes.isEmpty)
    }

    /// Of a chunked body the frames are more bytes than what they carry.
    private func isDone(atEnd: Bool) -> Bool {
        if atEnd || status == 204 || status == 304 { return true }
        if let length, !isChunked, body.count >= length { return true }
        if isChunked, body.count >= 5, body.suffix(5).elementsEqual("0\r\n\r\n".utf8) { return true }
        return body.count >= (isChunked ? limits.answer * 2 : limits.answer)
    }

    /// The length of the head with the empty line at its end.
    private static func headEnd(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (3..<bytes.count).first { end in
            bytes[end] == 0x0A && bytes[end - 1] == 0x0D && bytes[end - 2] == 0x0A && bytes[end - 3] == 0x0D
        }.map { $0 + 1 }
    }

    private static func head(_ bytes: ArraySlice<UInt8>) throws(CallFailure) -> (status: Int, length: Int?, isChunked: Bool) {
        let lines = String(decoding: bytes, as: UTF8.self).components(by: "\r\n")
        let first = lines.first ?? ""
        let code = first.utf8.dropFirst(9).prefix(3)
        guard first.hasPrefix("HTTP/1.1 ") || first.hasPrefix("HTTP/1.0 "), code.allSatisfy({ (0x30...0x39).contains($0) }),
            let status = Int(String(decoding: code, as: UTF8.self)), (100...999).contains(status)
        else { throw CallFailure("the answer is not HTTP/1.1") }
        var (length, isChunked): (Int?, Bool) = (nil, false)
        for line in lines.dropFirst() {
            let lower = line.lowercased()
            if lower.hasPrefix("content-length:") { length = Int(lower.dropFirst(15).trimmed) }
            if lower.hasPrefix("transfer-encoding:") { isChunked = lower.dropFirst(18).trimmed.hasSuffix("chunked") }
        }
        return (status, length.flatMap { $0 < 0 ? nil : $0 }, isChunked)
    }

    /// What the chunks carry, as far as they are whole or begun.
    private static func unframed(_ bytes: [UInt8]) -> [UInt8] {
        var (rest, plain) = (bytes[...], [UInt8]())
        while let end = rest.firstIndex(of: 0x0A) {
            let size = String(decoding: rest[..<end].prefix { $0 != 0x0D && $0 != 0x3B }, as: UTF8.self)
            guard let count = Int(size.trimmed, radix: 16), count > 0 else { break }
            plain += rest[(end + 1)...].prefix(count)
            rest = rest[(end + 1)...].dropFirst(count).dropFirst(2)
        }
        return plain
    }
}

extension StringProtocol {
    fileprivate func components(by separator: String) -> [SubSequence] { split(separator: separator, omittingEmptySubsequences: false) }

    fileprivate var trimmed: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
