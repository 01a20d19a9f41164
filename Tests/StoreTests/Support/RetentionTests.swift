import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

/// What is done is kept for a time from its end on, by the server's clock; what is not done is kept.
@Suite struct RetentionTests {
    private let tenant = Tenant(shop: ShopID(stored: "shop"))

    private func ended(_ collection: String, _ store: MeterStore) throws -> [Value?] {
        try store.database.withConnection { try $0.find(collection, [:], sort: ["_id": 1]) }.map { $0["ended_at"] }
    }

    private func reservation(_ id: String) -> Reservation {
        Reservation(
            id: ReservationID(stored: id), user: UserID(stored: "u"), meter: .tokens, amount: 5, createdAt: start,
            expiresAt: start.adding(days: 1), remaining: nil, outstanding: 5)
    }

    @Test func `A hold expires from the end of its last step on, and an open one never`() async throws {
        try await withStore { store in
            let (open, held) = (reservation("a"), reservation("b"))
            try await store.transaction { [tenant] in
                let made = [open, held].map { ReservationChange(tenant: tenant, isNew: true, after: $0) }
                try Reservations.save(made, in: $0)
            }
            #expect(try ended("reservations", store) == [nil, nil])
            var released = held
            try released.release(at: start)
            let change = ReservationChange(tenant: tenant, isNew: false, after: released)
            try await store.transaction { try Reservations.save([change], in: $0) }
            let times = try ended("reservations", store)
            #expect(times[0] == nil)
            guard case .date(let time) = times[1] else {
                Issue.record("\(times)")
                return
            }
            #expect(time > start.milliseconds, "it is the server's time, not the shop's")
            let found = try await store.read { [tenant] in try Reservations.find(ReservationID(stored: "b"), of: tenant, $0) }
            #expect(found == released)
        }
    }

    @Test func `A hold that is made and ended in one step expires by the server's time too`() async throws {
        try await withStore { store in
            var held = reservation("a")
            try held.release(at: start)
            let change = ReservationChange(tenant: tenant, isNew: true, after: held)
            try await store.transaction { try Reservations.save([change], in: $0) }
            guard case .date(let time)? = try ended("reservations", store)[0] else {
                Issue.record("It has no end.")
                return
            }
            #expect(time > start.milliseconds)
        }
    }

    @Test func `A billing error expires once it is resolved, and no longer when its charge is refused again`() async throws {
        try await withStore { store in
            let content = ChargeContent(
                user: UserID(stored: "u"), project: nil, model: ModelName(stored: "m"), inputTokens: 1, outputTokens: 1)
            let balance = InsufficientBalance(required: Money(units: 5), available: .zero)
            var error = BillingError(
                id: ChargeID(stored: "c"), content: content, balance: balance, currency: Currency(stored: "EUR"), createdAt: start,
                refusedAt: start)
            func save() async throws -> Value? {
                let key = ChargeKey(tenant: tenant, id: error.id)
                try await store.transaction { [error] in try BillingErrors.save([key: error], in: $0) }
                #expect(try await store.read { try BillingErrors.find([key], $0) } == [key: error])
                return try ended("billing_errors", store)[0]
            }
            let open = try await save()
            error.resolve(.manual, at: start)
            let resolved = try await save()
            error.refuse(content, balance, at: start)
            let openAgain = try await save()
            #expect(open == nil && resolved != nil && openAgain == nil)
        }
    }

    @Test func `The server removes them by that time`() throws {
        for (schema, days) in [(Reservations.schema, 90), (BillingErrors.schema, 400)] as [(CollectionSchema, Int64)] {
            let index = try #require(schema.indexes.first { $0.expiresAfterSeconds != nil })
            #expect(index.keys == ["ended_at": 1] && index.expiresAfterSeconds == days * 86_400)
        }
    }

    @Test func `What ended before has its time from the migration on`() async throws {
        try await withStore { store in
            let documents: [Document] = ["a", "b"].map { id in
                [
                    "_id": ["shop_id": "shop", "reservation_id": .string(id)], "user_id": "u", "meter": "tokens", "amount": .int64(1),
                    "created_at": .time(start), "expires_at": .time(start), "state": id == "a" ? "open" : "released",
                    "outstanding": .int64(1), "committed": .int64(0),
                ]
            }
            try store.database.withConnection { connection in
                _ = try connection.insert("reservations", documents)
                for step in Migration.all.dropFirst() { try step.run(connection) }
            }
            let times = try ended("reservations", store)
            #expect(times[0] == nil && times[1] != nil)
        }
    }
}
