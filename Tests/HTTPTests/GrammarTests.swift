import Testing

@testable import HTTP

/// Each of the 256 bytes at each position of the grammar. The expected sets are written out here, not taken from the code under test.
struct GrammarTests {
    static let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    static let token = letters.union("!#$%&'*+-.^_`|~".utf8)
    static let target = letters.union("-._~!$&'()*+,;=:@/?".utf8)

    private func outcome(_ start: String, _ byte: UInt8, _ end: String) -> Outcome {
        Outcome(Array(start.utf8) + [byte] + Array(end.utf8))
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `A method is made of token characters only`(_ byte: UInt8) {
        let outcome = outcome("G", byte, "T / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(outcome.isRequest == Self.token.contains(byte))
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `A target is made of path and query characters only`(_ byte: UInt8) {
        let outcome = outcome("GET /a", byte, "b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(outcome.isRequest == Self.target.contains(byte))
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `A header name is made of token characters only`(_ byte: UInt8) {
        let outcome = outcome("GET / HTTP/1.1\r\nHost: a\r\nx", byte, "y: v\r\n\r\n")
        // A colon ends the name earlier, and the rest is its value.
        #expect(outcome.isRequest == (Self.token.contains(byte) || byte == UInt8(ascii: ":")))
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `A header line starts with a token character only`(_ byte: UInt8) {
        let outcome = outcome("GET / HTTP/1.1\r\nHost: a\r\n", byte, "y: v\r\n\r\n")
        #expect(outcome.isRequest == Self.token.contains(byte))
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `A header value has visible characters, spaces and tabs only`(_ byte: UInt8) {
        let outcome = outcome("GET / HTTP/1.1\r\nHost: a\r\nx: a", byte, "b\r\n\r\n")
        #expect(outcome.isRequest == ((0x20...0x7E).contains(byte) || byte == 0x09 || byte >= 0x80))
    }

    @Test func `A value that is not UTF-8 is kept, and equals no other`() {
        let values = (UInt8(0x80)...0xFF).map { byte -> String? in
            guard case .request(let request) = outcome("GET / HTTP/1.1\r\nHost: a\r\nx: a", byte, "b\r\n\r\n") else { return nil }
            return request.headers["x"]
        }
        #expect(Set(values).count == 128 && !values.contains(nil))
        // The character that ISO 8859-1 has for 0xE9, in UTF-8.
        let text = parse("GET / HTTP/1.1\r\nHost: a\r\nx: aéb\r\n\r\n").first?.request?.headers["x"]
        #expect(text == "aéb" && !values.contains(text))
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `A host is made of the characters of a name only`(_ byte: UInt8) {
        let outcome = outcome("GET / HTTP/1.1\r\nHost: a", byte, "1\r\n\r\n")
        // A colon starts the port.
        #expect(outcome.isRequest == Self.letters.union("-._~!$&'()*+,;=:".utf8).contains(byte))
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `A chunk extension is made of tokens and quoted strings only`(_ byte: UInt8) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let end = "\r\nx\r\n0\r\n\r\n"
        let isToken = Self.token.contains(byte)
        #expect(outcome(head + "1;", byte, end).isRequest == isToken)
        #expect(outcome(head + "1;a=", byte, end).isRequest == isToken)
        let isText = byte == 0x09 || (0x20...0x7E).contains(byte) || byte >= 0x80
        let isPlain = isText && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        #expect(outcome(head + "1;a=\"", byte, "\"" + end).isRequest == isPlain)
        #expect(outcome(head + "1;a=\"\\", byte, "\"" + end).isRequest == isText)
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func `A chunk size is made of hexadecimal digits only`(_ byte: UInt8) {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let body = "1\r\n" + String(repeating: "x", count: 0x1f) + "\r\n0\r\n\r\n"
        let outcome = outcome(head, byte, body)
        let isDigit = Set("0123456789abcdefABCDEF".utf8).contains(byte)
        #expect(isDigit != [.error(.chunkSize), .error(.bareLineFeed)].contains(outcome))
    }

    @Test func `Text in UTF-8 is let through in a value`() {
        let action = parse("GET / HTTP/1.1\r\nHost: a\r\nX-Name: \t Zoë \t\r\n\r\n").first
        #expect(action?.request?.headers["x-name"] == "Zoë")
    }

    @Test(arguments: [
        ("GET", Request.Method.get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete), ("PATCH", .patch),
        ("OPTIONS", .options), ("get", .other("get")), ("PURGE", .other("PURGE")),
    ])
    func `A method is known by its exact name`(_ name: String, _ method: Request.Method) {
        #expect(parse("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n").first?.request?.method == method)
        #expect(method.name == name)
    }
}
