import HTTP
import Jobs
import Metering
import Service
import Testing
import Web

@testable import API

struct SharedPlacesTests {
    @Test func `A shop without a place left is asked to come again, and nobody else is`() async throws {
        try await withTestAPI { test in
            let service = ShopMeter(store: test.store, settings: Settings(adminToken: "the-admin-token"), placesPerShop: 0)
            defer { service.drain() }
            let api = try API(service: service, jobs: JobRunner(service: service), version: "1", grace: .seconds(60)) { _, _ in }
            func status(_ path: [String], as who: String) async throws -> Int {
                let token = try #require(test.tokens[who])
                return await api.respond(to: Request(method: .get, path: path, headers: Headers(["authorization": "Bearer \(token)"])))
                    .status
            }
            #expect(try await status(["v1", "plans"], as: "all") == 503)
            #expect(try await status(["v1", "admin", "jobs"], as: "admin") == 200)
            #expect(try await status(["v1", "plans"], as: "nobody") == 401)
            #expect(try await status(["readyz"], as: "nobody") == 200)
            #expect(try await test.send(.get, "/v1/plans").status == 200)
        }
    }
}
