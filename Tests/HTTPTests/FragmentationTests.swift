import Support
import Testing

@testable import HTTP

struct FragmentationTests {
    private static let samples = [
        "GET /v1/usage/u%201?meter=tokens&a=b+c HTTP/1.1\r\nHost: localhost:8080\r\nX: y\r\n\r\n",
        "POST /v1/usage HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n{\"a\":\r\n\r\n1}GET /b HTTP/1.0\r\n\r\n",
        "\r\nPOST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\na\r\n\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
        "POST /%zz HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
    ]

    private func actions(_ pieces: [ArraySlice<UInt8>]) -> [RequestParser.Action] {
        var parser = RequestParser()
        return parser.feed(pieces)
    }

    @Test(arguments: samples)
    func `The result is the same wherever the input is cut`(_ sample: String) {
        let bytes = Array(sample.utf8)
        let whole = actions([bytes[...]])
        #expect(!whole.isEmpty)
        for cut in bytes.indices { #expect(actions([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)") }
    }

    @Test(arguments: samples)
    func `The result is the same byte by byte`(_ sample: String) {
        let bytes = Array(sample.utf8)
        #expect(actions(bytes.indices.map { bytes[$0...$0] }) == actions([bytes[...]]))
    }

    @Test(arguments: samples)
    func `The result is the same in pieces of three after any two cuts`(_ sample: String) {
        let bytes = Array(sample.utf8)
        let whole = actions([bytes[...]])
        for first in stride(from: 0, to: bytes.count, by: 3) {
            for second in stride(from: first, to: bytes.count, by: 5) {
                #expect(actions([bytes[..<first], bytes[first..<second], bytes[second...]]) == whole)
            }
        }
    }

    @Test(arguments: samples)
    func `Damaged input never traps, and has the same result wherever it is cut`(_ sample: String) async {
        var generator = SplitMix(seed: UInt64(sample.utf8.count))
        let damage = Array("\r\n :;,%+0aF\t\u{0}\u{7F}".utf8) + [0x80, 0xC3, 0xFF]
        for _ in 0..<2000 {
            await Task.yield()
            var bytes = Array(sample.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = damage[Int.random(in: damage.indices, using: &generator)]
            }
            let cut = Int.random(in: bytes.indices, using: &generator)
            let whole = actions([bytes[...]])
            #expect(actions([bytes[..<cut], bytes[cut...]]) == whole)
            #expect(actions(bytes.indices.map { bytes[$0...$0] }) == whole)
        }
    }

    @Test func `Nothing is kept between requests`() {
        var parser = RequestParser()
        #expect(parser.phase == .idle)
        _ = parser.feed("GET / HT")
        #expect(parser.phase == .head && parser.bufferedBytes == 8)
        #expect(parser.feed("TP/1.1\r\nHost: a\r\n\r\n").count == 1)
        #expect(parser.phase == .idle && parser.bufferedBytes == 0)
    }
}
