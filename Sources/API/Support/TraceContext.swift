internal import HTTP

/// The header `traceparent` of a request (W3C Trace Context, 3.2).
package struct TraceContext: Equatable, Sendable {
    /// 32 hexadecimal digits in lower case.
    package let traceID: String
    /// 16 digits: what called.
    package let parentID: String

    /// Nil unless there is one such header of a version that begins as version 00 does, whose ids are not all zeros.
    init?(_ headers: Headers) {
        guard let text = headers.only("traceparent") else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, parts[0] != "ff",
            zip(parts, [2, 32, 16, 2]).allSatisfy({ $0.utf8.count == $1 && $0.utf8.allSatisfy(Self.isDigit) }),
            parts[0] != "00" || parts.count == 4, parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        (traceID, parentID) = (parts[1], parts[2])
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
