import Metering
import Service
import ServiceSupport
import Store
import Support
import Testing

@Suite struct ReservationTests {
    @Test func `A hold counts against everything that enforces, until it is committed or given back`() async throws {
        try await withTestService { test in
            let held = try await test.hold("r", 700)
            #expect((held.reservation.remaining, held.isDuplicate) == (300, false))
            #expect(try await test.account(of: "u").tokens.reserved == 700)
            #expect(await test.outcome("e1", 301) == "limitExceeded")
            #expect(
                await test.refusal { _ = try await test.hold("r2", 301) }
                    == .limitExceeded(
                        meter: .tokens, limit: 1_000, current: 0, requested: 301, available: 300))
            #expect(await test.outcome("e1", 300) == "recorded")
            let committed = try await test.commit("r", 650)
            #expect(committed.event.id == EventID(stored: "r"))
            #expect(committed.event.settlement.breakdown == Breakdown(fromSubscription: 650))
            #expect(committed.event.commitment == Commitment(reservation: ReservationID(stored: "r"), isLate: false, held: 0))
            let account = try await test.account(of: "u")
            #expect((account.tokens.used, account.tokens.reserved, account.tokens.remaining) == (950, 0, 50))
        }
    }

    @Test func `Holding, committing and releasing twice is the same as once`() async throws {
        try await withTestService { test in
            let first = try await test.hold("r", 100)
            let again = try await test.hold("r", 100)
            #expect(again.isDuplicate && again.reservation == first.reservation)
            await #expect(throws: ServiceError.self) { try await test.hold("r", 101) }
            await #expect(throws: ServiceError.self) { try await test.hold("r", 100, user: "v") }
            await #expect(throws: ServiceError.self) { try await test.hold("r", 100, seconds: 60) }
            let committed = try await test.commit("r")
            #expect(committed.event.content.amount == 100)
            for event in [nil, "r", "another"] {
                let twice = try await test.commit("r", event: event)
                #expect(twice.isDuplicate && twice.event == committed.event)
            }
            #expect(try await test.commit("r", 100).isDuplicate)
            await #expect(throws: ServiceError.self) { try await test.commit("r", 99) }
            await #expect(throws: ServiceError.self) { try await test.release("r") }
            #expect(try await test.hold("r", 100).reservation == first.reservation, "the first answer, as it was then")
            _ = try await test.hold("s", 10)
            let released = try await test.release("s")
            #expect(try await test.release("s") == released)
            await #expect(throws: ServiceError.self) { try await test.commit("s") }
            #expect(try await test.account(of: "u").tokens.reserved == 0)
            #expect(try await test.account(of: "u").lifetime.tokens == 100)
        }
    }

    @Test func `A partial commit frees its part; the last one takes what is more through the waterfall`() async throws {
        try await withTestService { test in
            _ = try await test.hold("r", 400)
            let part = try await test.commit("r", 150, isFinal: false, event: "p1")
            #expect(part.event.commitment?.held == 250)
            #expect(try await test.commit("r", 150, isFinal: false, event: "p1").isDuplicate)
            #expect(try await test.account(of: "u").tokens.reserved == 250)
            let last = try await test.commit("r", 1_000, event: "p2")
            #expect(last.event.settlement.breakdown == Breakdown(fromSubscription: 850, overflowToDebt: 150))
            #expect(try await test.commit("r", 150, isFinal: false, event: "p1").event == part.event)
            await #expect(throws: ServiceError.self) { try await test.commit("r", 1, isFinal: false, event: "p3") }
            let reservation = try await test.service.reservation(ReservationID(stored: "r"), in: test.tenant)
            #expect((reservation.state, reservation.held, reservation.committed) == (.committed, 0, 1_150))
        }
    }

    @Test func `A hold past its time counts no more, whether the job was there or not; its commit is late`() async throws {
        try await withTestService { test in
            _ = try await test.hold("r", 900, seconds: 60)
            #expect(await test.outcome("e1", 200) == "limitExceeded")
            test.clock.advance(seconds: 60)
            #expect(await test.outcome("e1", 200) == "recorded")
            #expect(try await test.service.reservation(ReservationID(stored: "r"), in: test.tenant).state == .expired)
            let late = try await test.commit("r", 900)
            #expect(late.event.commitment?.isLate == true)
            #expect(late.event.settlement.breakdown == Breakdown(fromSubscription: 800, overflowToDebt: 100))
            #expect(try await test.commit("r", 900).isDuplicate)
            _ = try await test.service.purchaseUsage(
                PurchaseID(stored: "p"), PurchaseContent(user: UserID(stored: "u"), meter: .tokens, amount: 500), for: test.tenant)
            _ = try await test.hold("s", 400, seconds: 10)
            test.clock.advance(seconds: 11)
            #expect(try await test.service.checkUsage(1, of: .tokens, for: UserID(stored: "u"), in: test.tenant).reserved == 0)
            #expect(try await test.release("s").state == .expired)
            _ = try await test.hold("t", 400, seconds: 10)
            test.clock.advance(seconds: 11)
            #expect(try await test.run("expiry")?["reservations_expired"] == 1)
            #expect(try await test.account(of: "u").tokens.reserved == 0)
        }
    }

    @Test func `A hold that spans a rollover is settled in the period in which it is committed`() async throws {
        try await withTestService { test in
            _ = try await test.hold("r", 600, seconds: 30 * 86_400)
            test.clock.move(to: "2026-12-02T00:00:00Z")
            #expect(try await test.account(of: "u").tokens.reserved == 600)
            let committed = try await test.commit("r")
            #expect((committed.event.settlement.used, committed.event.periodNumber) == (600, 2))
            #expect(try await test.account(of: "u").summaries.map(\.totals.tokens) == [0])
        }
    }

    @Test func `Sixty-four tasks that hold, commit and release on one account never pass what was there`() async throws {
        try await withTestService { test in
            let other = test.another()
            defer { other.drain() }
            let allowed = await withTaskGroup(of: Quantity.self) { group in
                for task in 0..<64 {
                    let service = task % 2 == 0 ? test.service : other
                    group.addTask {
                        var sum: Quantity = 0
                        for step in 0..<6 {
                            let name = "\(task)-\(step)"
                            guard (try? await test.hold(name, 10, through: service)) != nil else { continue }
                            if step % 3 == 0 {
                                _ = try? await test.release(name, through: service)
                            } else if (try? await test.commit(name, 7, through: service)) != nil {
                                sum += 7
                            }
                        }
                        return sum
                    }
                }
                return await group.reduce(0, +)
            }
            let account = try await test.account(of: "u")
            #expect(
                allowed > 900 && allowed <= 1_000 && account.tokens.used == allowed && account.tokens.reserved == 0
                    && account.tokens.rollover == 0)
        }
    }
}

extension TestService {
    func hold(
        _ id: String, _ amount: Quantity, user: String = "u", seconds: Int64 = 900, through other: ShopMeter? = nil
    ) async throws -> ReservationAnswer {
        let request = ReservationRequest(
            id: ReservationID(stored: id), user: UserID(stored: user), meter: .tokens, amount: amount, seconds: seconds)
        return try await (other ?? service).holdReservation(request, for: tenant)
    }

    func commit(
        _ id: String, _ amount: Quantity? = nil, isFinal: Bool = true, event: String? = nil, through other: ShopMeter? = nil
    ) async throws -> UsageAnswer {
        let command = CommitCommand(
            reservation: ReservationID(stored: id), amount: amount, isFinal: isFinal, event: event.map { EventID(stored: $0) },
            content: UsageContent(amount: 0))
        return try await (other ?? service).commitReservation(command, in: tenant)
    }

    func release(_ id: String, through other: ShopMeter? = nil) async throws -> Reservation {
        try await (other ?? service).releaseReservation(ReservationID(stored: id), in: tenant)
    }

    func outcome(_ event: String, _ amount: Quantity) async -> String {
        await service.recordUsage([command("u", event, amount, enforce: true)])[0].kind
    }

    func refusal(_ body: () async throws -> Void) async -> UsageRefusal? {
        do {
            try await body()
        } catch ServiceError.usage(let refusal) {
            return refusal
        } catch {}
        return nil
    }
}
