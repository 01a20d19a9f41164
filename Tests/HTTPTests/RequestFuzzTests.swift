import Support
import Testing

@testable import HTTP

struct RequestFuzzTests {
    private static let samples = [
        "GET /v1/usage/u%201?meter=tokens&a=b+c HTTP/1.1\r\nHost: localhost:8080\r\nX: y\r\n\r\n",
        "POST /v1/usage HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n{\"a\":\r\n\r\n1}GET /b HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\na\r\n\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:1\r\nConnection: close, x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        "GET http://a.example:80/b HTTP/1.1\r\nHost: a.example\r\n\r\n",
    ]
    private static let words = [
        "\r\n", "\r\n\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "0\r\n\r\n", "ffffffffffffffff\r\n",
        "99999999999999999999", "%00", "%2e%2e/", "HTTP/1.1", "\r\n ",
    ]

    @Test func `Whatever comes, the parser ends, keeps to its limits, and gives the same wherever the input is cut`() async throws {
        var fuzzing = Fuzzing("http", samples: Self.samples, words: Self.words)
        let limits = Limits()
        try await fuzzing.run(rounds: 20_000) { bytes in
            var (whole, pieces) = (RequestParser(limits: limits), RequestParser(limits: limits))
            let actions = whole.feed([bytes[...]])
            #expect(actions.count <= bytes.count)
            let cut = bytes.count / 2
            try #require(pieces.feed([bytes[..<cut], bytes[cut...]]) == actions, "\(bytes)")
            for case .request(let request, _) in actions { #expect(request.body.count <= bytes.count) }
        }
    }
}
