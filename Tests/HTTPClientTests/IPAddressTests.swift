import Testing

@testable import HTTPClient

@Suite struct IPAddressTests {
    private func address(_ text: String) throws -> IPAddress { try #require(try Resolver.addresses(of: text, port: 1).first).address }

    @Test(arguments: ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "2606:4700::1111", "2a00:1450:4001::1"])
    func `An address of the public network`(text: String) throws { #expect(try address(text).isPublic) }

    @Test(arguments: [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.170", "192.168.1.1", "198.18.0.1", "198.19.255.255", "203.0.113.9", "224.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "fc00::1", "fe80::1", "ff02::1", "2001::1", "2001:db8::1",
        "2002:7f00:1::1", "fd00:ec2::254",
    ])
    func `An address of another network`(text: String) throws { #expect(try !address(text).isPublic) }

    @Test(arguments: ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
    func `However this machine is written, it is found out`(text: String) throws { #expect(try !address(text).isPublic) }
}

@Suite struct ResponseReaderTests {
    private func read(_ pieces: [String], atEnd: Bool = false) throws -> (status: Int?, answer: String, isDone: Bool) {
        var (reader, isDone) = (ResponseReader(HTTPClient.Limits()), false)
        for piece in pieces { isDone = try reader.take(Array(piece.utf8)) }
        if atEnd { isDone = try reader.take([]) }
        return (reader.status, String(decoding: reader.answer, as: UTF8.self), isDone)
    }

    @Test(arguments: [
        (["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"], 200, "ok"), (["HTTP/1.1 204 No Content\r\n\r\n"], 204, ""),
        (["HTTP/1.1 20", "0 OK\r\nContent-Length: 3\r", "\n\r\nab", "c"], 200, "abc"),
        (["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\ncontent-length:0\r\n\r\n"], 500, ""),
        (["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n"], 200, "abcde"),
    ])
    func `An answer that says its length is read to its end`(pieces: [String], status: Int, answer: String) throws {
        let read = try read(pieces)
        #expect((read.status, read.answer, read.isDone) == (status, answer, true))
    }

    @Test func `Another answer is read to the end of the connection, or of what is kept`() throws {
        let open = try read(["HTTP/1.0 200 OK\r\n\r\nabc"])
        #expect((open.answer, open.isDone) == ("abc", false))
        #expect(try read(["HTTP/1.0 200 OK\r\n\r\nabc"], atEnd: true).isDone)
        let long = try read(["HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 5_000)])
        #expect((long.answer.utf8.count, long.isDone) == (1_024, true))
    }

    @Test(arguments: ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "\r\n\r\n"])
    func `What is no answer is refused`(text: String) { #expect(throws: CallFailure.self) { try read([text]) } }

    @Test func `A head has a bound, and an end`() {
        #expect(throws: CallFailure.self) { try read(["HTTP/1.1 200 OK\r\nx: " + String(repeating: "y", count: 20_000)]) }
        #expect(throws: CallFailure.self) { try read(["HTTP/1.1 200 OK\r\n"], atEnd: true) }
    }
}
