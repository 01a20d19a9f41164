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
    func `Damaged input is never a trap, and is judged the same however it is cut`(_ sample: String) {
        var random = Numbers(state: UInt64(sample.utf8.count))
        let damage = Array("\r\n :;,%+0aF\t\u{0}\u{7F}".utf8) + [0x80, 0xC3, 0xFF]
        for _ in 0..<2000 {
            var bytes = Array(sample.utf8)
            for _ in 0...random.next(below: 3) { bytes[random.next(below: bytes.count)] = damage[random.next(below: damage.count)] }
            let cut = random.next(below: bytes.count)
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

/// The same numbers in every run (a linear congruential generator).
private struct Numbers {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
