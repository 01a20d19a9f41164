/// The bytes that have arrived and are not yet parsed. Scanning and removing cost O(1) a byte, however the input is cut.
struct InputBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    private var start = 0
    /// The index up to which a line feed has been searched for; there is none between `start` and it.
    private var scanned = 0

    var count: Int { bytes.count - start }

    mutating func append(_ new: ArraySlice<UInt8>) {
        if start > bytes.count / 2 { dropParsed() }
        bytes.append(contentsOf: new)
    }

    /// Takes one line.
    /// - Parameters:
    ///   - limit: the line's maximum length in bytes, without the CRLF.
    ///   - tooLong: is thrown for a longer line.
    /// - Returns: the line's range in `bytes`, without the CRLF; nil when its end has not arrived.
    mutating func line(upTo limit: Int, else tooLong: RequestError) throws(RequestError) -> Range<Int>? {
        let lineFeed = nextLineFeed()
        // One byte more than the limit may be the carriage return. The length is checked first, so that the error is the same whether or not
        // the line feed has arrived.
        if (lineFeed ?? bytes.count) - start > limit + 1 { throw tooLong }
        guard let lineFeed else { return nil }
        guard lineFeed > start, bytes[lineFeed - 1] == UInt8(ascii: "\r") else { throw .bareLineFeed }
        let line = start..<lineFeed - 1
        start = lineFeed + 1
        scanned = start
        return line
    }

    /// Moves up to `limit` bytes to the end of `body`.
    /// - Returns: how many were moved.
    mutating func move(upTo limit: Int, to body: inout [UInt8]) -> Int {
        let taken = min(limit, count)
        body.append(contentsOf: bytes[start..<start + taken])
        start += taken
        scanned = start
        return taken
    }

    /// Frees the storage when the buffer is empty, so that an idle connection has none.
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
