import HTTP
import Synchronization
import Testing

@testable import API

struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    @Test(
        arguments: [
            ("00-\(trace)-b7ad6b7169203331-01", true), ("cc-\(trace)-b7ad6b7169203331-01-more", true),
            ("00-\(trace)-b7ad6b7169203331-01-more", false),
            ("ff-\(trace)-b7ad6b7169203331-01", false), ("00-\(trace.uppercased())-b7ad6b7169203331-01", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false), ("00-\(trace)-0000000000000000-01", false), ("", false),
            ("00-\(trace)-b7ad6b7169203331", false), ("00-\(trace)\n-b7ad6b7169203331-01", false),
        ])
    func `A traceparent is taken as the standard has it, or not at all`(text: String, isTaken: Bool) {
        let context = TraceContext(Headers(["traceparent": text]))
        #expect((context?.traceID == Self.trace) == isTaken && (context == nil) != isTaken)
        #expect(context.map { $0.parentID == "b7ad6b7169203331" } ?? true)
    }

    @Test func `The log of a request says which trace it is a part of`() async throws {
        try await withTestAPI { api in
            _ = try await api.send(.get, "/healthz", as: nil, headers: ["traceparent": "00-\(Self.trace)-b7ad6b7169203331-01"])
            #expect(api.records.log.withLock { $0.last?.trace?.traceID } == Self.trace)
        }
    }
}
