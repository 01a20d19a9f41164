/// The bytes that came and are not yet parsed. Scanning and removing cost O(1) a byte however the input is cut.
struct InputBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    private var start = 0
    /// There is no line feed between `start` and here.
    private var scanned = 0

    var count: Int { bytes.count - start }

    mutating func append(_ new: ArraySlice<UInt8>) {
        if start > bytes.count / 2 { dropParsed() }
        bytes.append(contentsOf: new)
    }

    /// Takes one line and gives its range in `bytes`, without the CRLF; nil when its end has not come yet.
    mutating func line(upTo limit: Int, else tooLong: RequestError) throws(RequestError) -> Range<Int>? {
        let lineFeed = nextLineFeed()
        // With one more for the carriage return. The length comes first, so that the refusal is the same before the line feed is there.
        if (lineFeed ?? bytes.count) - start > limit + 1 { throw tooLong }
        guard let lineFeed else { return nil }
        guard lineFeed > start, bytes[lineFeed - 1] == UInt8(ascii: "\r") else { throw .bareLineFeed }
        let line = start..<lineFeed - 1
        start = lineFeed + 1
        scanned = start
        return line
    }

    /// Moves up to `limit` bytes to `body` and gives their number.
    mutating func move(upTo limit: Int, to body: inout [UInt8]) -> Int {
        let taken = min(limit, count)
        body.append(contentsOf: bytes[start..<start + taken])
        start += taken
        scanned = start
        return taken
    }

    /// Gives the storage back when nothing waits in it, so that an idle connection has none.
    mutating func release() {
        if count == 0 { self = InputBuffer() }
    }

    private mutating func nextLineFeed() -> Int? {
        let lineFeed = Self.lineFeed(in: bytes.span, from: scanned)
        scanned = lineFeed ?? bytes.count
        return lineFeed
    }

    private static func lineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") { return index }
            index += 1
        }
        return nil
    }

    private mutating func dropParsed() {
        bytes.removeSubrange(..<start)
        scanned -= start
        start = 0
    }
}
