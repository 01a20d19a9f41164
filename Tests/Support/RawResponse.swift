/// A response as it came over the wire, its body without its framing.
package struct RawResponse: Sendable {
    package let status: Int
    /// Names in lower case, in order.
    package let headers: [(name: String, value: String)]
    package var body: [UInt8] = []

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The first value of `name`, which must be in lower case.
    package subscript(name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// - Parameter head: the status line and the header lines, without the empty one.
    init(head: String) throws {
        let lines = head.split(separator: "\r\n")
        guard let words = lines.first?.split(separator: " ", maxSplits: 2), words.count > 1, words[0] == "HTTP/1.1",
            let status = Int(words[1])
        else { throw RawClient.Failure.malformed(head) }
        self.status = status
        headers = try lines.dropFirst().map { line in
            guard let colon = line.firstIndex(of: ":") else { throw RawClient.Failure.malformed(head) }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].drop { $0 == " " }.description)
        }
    }
}
