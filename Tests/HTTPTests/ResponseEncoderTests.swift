import Testing

@testable import HTTP

struct ResponseEncoderTests {
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

    private func encode(_ response: Response, _ change: (inout ResponseContext) -> Void = { _ in }) -> String {
        var context = ResponseContext()
        change(&context)
        var out: [UInt8] = []
        _ = ResponseEncoder.append(response, to: &out, answering: context, date: Self.date)
        return String(decoding: out, as: UTF8.self)
    }

    private static let stream = Response(status: 200, headers: [:], body: .stream { _ in })

    @Test func `A response has its status, fields, length and date`() {
        let text = encode(Response(status: 201, headers: ["Content-Type": "text/plain"], body: Array("hello".utf8)))
        #expect(text == "HTTP/1.1 201 Created\r\ncontent-type: text/plain\r\ncontent-length: 5\r\ndate: \(Self.date)\r\n\r\nhello")
    }

    @Test func `The answer to HEAD has the length but not the body`() {
        let text = encode(Response(status: 200, body: Array("hello".utf8))) { $0.isHead = true }
        #expect(text.contains("content-length: 5\r\n") && text.hasSuffix("\r\n\r\n"))
        #expect(encode(Self.stream) { $0.isHead = true }.contains("transfer-encoding: chunked\r\n"))
    }

    @Test(arguments: [204, 304])
    func `A status without a body has neither body nor length`(_ status: Int) {
        let text = encode(Response(status: status, body: Array("hello".utf8)))
        #expect(!text.contains("content-length") && text.hasSuffix("\r\n\r\n"))
    }

    @Test(
        arguments: [
            (ResponseContext.Version.http11, true, nil), (.http11, false, "close"), (.http10, true, "keep-alive"),
            (.http10, false, "close"),
        ] as [(ResponseContext.Version, Bool, String?)])
    func `The connection field says what happens`(_ version: ResponseContext.Version, _ keepsAlive: Bool, _ value: String?) {
        let text = encode(Response(status: 200)) {
            $0.version = version
            $0.keepsAlive = keepsAlive
        }
        #expect(text.contains("connection:") == (value != nil))
        if let value { #expect(text.contains("connection: \(value)\r\n")) }
    }

    @Test(arguments: ["a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\u{0}b", "a\r\n\r\n<html>", "\u{7F}", "\u{1B}[1m"])
    func `A value cannot end its line`(_ value: String) {
        let text = encode(Response(status: 200, headers: ["x-a": value, "x-b": "c"]))
        let lines = text.split(separator: "\r\n")
        #expect(lines.count == 5)
        #expect(lines.dropFirst().first?.hasPrefix("x-a: ") == true)
        #expect(text.utf8.filter { $0 < 0x20 || $0 == 0x7F }.count == 2 * 6)
    }

    @Test(arguments: ["", "a b", "a:", "a\r\nb", "ä", "a\u{0}"])
    func `A name that is not a token is left out`(_ name: String) {
        #expect(encode(Response(status: 200, headers: [name: "v"])) == encode(Response(status: 200)))
    }

    @Test(arguments: ["Content-Length", "transfer-encoding", "CONNECTION", "date"])
    func `A handler cannot set what frames the message`(_ name: String) {
        #expect(encode(Response(status: 200, headers: [name: "7"])) == encode(Response(status: 200)))
    }

    @Test(arguments: [-1, 0, 100, 199, 1000])
    func `A status that cannot be final is the handler's error`(_ status: Int) {
        #expect(encode(Response(status: status)).hasPrefix("HTTP/1.1 500 "))
    }

    @Test func `A stream is chunked in HTTP 1.1 and ends with the connection in HTTP 1.0`() {
        #expect(encode(Self.stream).contains("transfer-encoding: chunked\r\n"))
        let old = encode(Self.stream) {
            $0.version = .http10
            $0.keepsAlive = true
        }
        #expect(old.contains("connection: close\r\n") && !old.contains("transfer-encoding") && !old.contains("content-length"))
    }

    @Test func `A chunk has its size in hexadecimal, and an empty one is none`() {
        var out: [UInt8] = []
        Chunk.append([], to: &out)
        Chunk.append([UInt8](repeating: 0x61, count: 26), to: &out)
        #expect(String(decoding: out, as: UTF8.self) == "1a\r\n\(String(repeating: "a", count: 26))\r\n")
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
    ])
    func `A date is written as RFC 9110 wants it`(_ seconds: Int, _ text: String) {
        #expect(HTTPDate.text(seconds: seconds) == text)
    }
}
