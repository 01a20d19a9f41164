import HTTP
import JSON
import Support
import Synchronization
import Testing
import Web

@testable import API

struct LogEntryTests {
    @Test func `A request's line says who called, by which key, and why it was refused`() async throws {
        try await withTestAPI { api in
            func entry(_ target: String, as who: String?) async throws -> LogEntry? {
                _ = try await api.send(.get, target, as: who)
                return api.records.log.withLock { $0.last }
            }
            let mine = try #require(try await entry("/v1/subscriptions/nobody", as: "all"))
            #expect(mine.shop == "acme" && mine.problem == .notFound && mine.route == "/v1/subscriptions/{user_id}")
            let key = try #require(api.tokens["all"]?.split(separator: "_"))
            #expect(mine.key.map { $0.hasSuffix(key[1]) } == true)
            let admin = try #require(try await entry("/v1/admin/jobs", as: "admin"))
            #expect(admin.shop == nil && admin.key == "admin" && admin.problem == nil)
            // A key that may not is told, one that is nobody's is not.
            let forbidden = try #require(try await entry("/v1/subscriptions/nobody", as: "usage"))
            #expect(forbidden.shop == "acme" && forbidden.problem == .forbidden)
            let stranger = try #require(try await entry("/v1/subscriptions/nobody", as: "nobody"))
            #expect(stranger.shop == nil && stranger.key == nil && stranger.problem == .unauthorized)
        }
    }
}
