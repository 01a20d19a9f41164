import HTTP
import JSON
import Metering
import Service
import Store
import Support
import Testing

@testable import API

struct SecretRotationTests {
    private static let path = "/v1/admin/shops/acme/jwt-secret"
    private static let lasting = TestToken.claims(["exp": 1_900_000_000])

    private func status(_ api: TestAPI, with secret: String) async throws -> Int {
        try await api.send(.get, "/v1/usage/u1", bearing: TestToken.signed(Self.lasting, with: secret)).status
    }

    private func rotate(_ api: TestAPI, _ body: JSON? = nil) async throws -> String {
        let answer = try await api.send(.post, Self.path, as: "admin", body)
        #expect(answer.status == 201 && answer.json["shop_id"] == "acme")
        return try #require(answer.json["jwt_secret"]?.string)
    }

    @Test func `The old secret counts until its end, the new one from now on`() async throws {
        try await withTestAPI { api in
            let old = try await api.secret()
            #expect(try await status(api, with: old) == 200)
            let answer = try await api.send(.post, Self.path, as: "admin", ["overlap_seconds": 60])
            #expect(answer.status == 201 && answer.json["previous_valid_until"] == "2026-11-10T12:01:00.000Z")
            let new = try #require(answer.json["jwt_secret"]?.string)
            #expect(new != old && new.utf8.count == 64)
            #expect(try await [status(api, with: old), status(api, with: new)] == [200, 200])
            api.clock.advance(seconds: 59)
            #expect(try await status(api, with: old) == 200)
            api.clock.advance(seconds: 1)
            #expect(try await [status(api, with: old), status(api, with: new)] == [401, 200])
        }
    }

    @Test func `Without a body the overlap is a day, and with none the old secret stops at once`() async throws {
        try await withTestAPI { api in
            let old = try await api.secret()
            let answer = try await api.send(.post, Self.path, as: "admin")
            #expect(answer.json["previous_valid_until"] == "2026-11-11T12:00:00.000Z")
            #expect(try await status(api, with: old) == 200)
            let second = try #require(answer.json["jwt_secret"]?.string)
            let third = try await rotate(api, ["overlap_seconds": 0])
            #expect(try await [status(api, with: second), status(api, with: third)] == [401, 200])
        }
    }

    @Test func `A second rotation keeps the last two, on every instance`() async throws {
        try await withTestAPI { api in
            let first = try await api.secret()
            let second = try await rotate(api)
            let third = try await rotate(api)
            #expect(try await [status(api, with: first), status(api, with: second), status(api, with: third)] == [401, 200, 200])
            let other = ShopMeter(store: api.store, clock: api.clock, settings: Settings(adminToken: "the-admin-token"))
            #expect(try await other.tokenSecrets(of: ShopID(stored: "acme"))?.secrets == [third, second])
            #expect(try await other.tokenSecrets(of: ShopID(stored: "nowhere")) == nil)
            #expect(try await api.send(.get, "/v1/admin/shops/acme", as: "admin").text.contains(third) == false)
        }
    }

    @Test func `An Idempotency-Key rotates once, and its answer is kept without the secret`() async throws {
        try await withTestAPI { api in
            func rotate(_ body: JSON, of shop: String = "acme") async throws -> TestAnswer {
                try await api.send(
                    .post, "/v1/admin/shops/\(shop)/jwt-secret", as: "admin", body, headers: ["idempotency-key": "r1"])
            }
            let first = try await rotate(["overlap_seconds": 60])
            let secret = try #require(first.json["jwt_secret"]?.string)
            api.clock.advance(seconds: 5)
            let again = try await rotate(["overlap_seconds": 60])
            #expect(first.status == 201 && again.status == 200 && again.json["duplicate"] == true && again.json["jwt_secret"] == .null)
            #expect(again.json["previous_valid_until"] == first.json["previous_valid_until"])
            #expect(try await api.secret() == secret)
            let tenant = try await api.service.shop(ShopID(stored: "acme")).tenant
            let kept = try await api.store.read { try IdempotencyKeys.find("r1", of: tenant, $0) }
            #expect(kept?.answer.contains(secret) == false)
            #expect(try await rotate(["overlap_seconds": 61]).code == "idempotency_conflict")
            #expect(try await rotate(["overlap_seconds": 61], of: "rival").status == 201)
        }
    }

    @Test func `Twenty rotations at once each count, and the last two secrets stay`() async throws {
        try await withTestAPI { api in
            let service = api.service
            let secrets = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await service.rotateSecret(of: ShopID(stored: "acme"), overlap: 60).secret }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            let kept = try await service.tokenSecrets(of: ShopID(stored: "acme"))?.secrets ?? []
            #expect(secrets.count == 20 && kept.count == 2 && secrets.isSuperset(of: kept))
        }
    }

    @Test(arguments: [-1, 604_801, "60", .number("1.5"), true] as [JSON])
    func `An overlap that is none is refused, and changes nothing`(overlap: JSON) async throws {
        try await withTestAPI { api in
            let old = try await api.secret()
            #expect(try await api.send(.post, Self.path, as: "admin", ["overlap_seconds": overlap]).wrongFields == ["overlap_seconds"])
            #expect(try await api.secret() == old)
            #expect(try await api.send(.post, "/v1/admin/shops/nowhere/jwt-secret", as: "admin").code == "not_found")
        }
    }
}
