import Support
import Testing

@testable import Metering

@Suite struct VoidingTests {
    private static let now = time("2026-11-10T12:00:00Z")

    /// L 100, R 200, P 300.
    private static func start() -> Account {
        var account = account(plan("pro", tokens: 100), at: now)
        account.meters[0].rollover = 200
        account.meters[0].purchased = 300
        return account
    }

    private static func record(_ account: inout Account, _ id: String, _ amount: Quantity, day: Int = 0) throws -> RecordedEvent {
        let at = now.adding(days: day)
        let settlement = try account.record(UsageContent(amount: amount), at: at, enforce: false)
        return RecordedEvent(
            id: EventID(stored: id), user: user, content: UsageContent(amount: amount), at: at, recordedAt: at,
            periodNumber: account.periodNumber, settlement: settlement)
    }

    private static func voided(_ event: RecordedEvent, _ amount: Quantity) -> RecordedEvent {
        RecordedEvent(
            id: event.id, user: event.user, content: event.content, at: event.at, recordedAt: event.recordedAt,
            periodNumber: event.periodNumber, settlement: event.settlement, voided: event.voided + amount,
            voidedInPeriod: event.voidedInPeriod + amount)
    }

    @Test func `A whole void leaves the account as it was before the event`() throws {
        for amount: Quantity in [1, 100, 250, 600, 700, Quantity.largest] {
            var account = Self.start()
            let before = account
            let event = try Self.record(&account, "e", amount)
            let returned = try account.void(event, amount, peaks: PeaksBeside(day: 0, lifetime: 0))
            let parts = event.settlement.breakdown
            #expect(
                returned
                    == Returned(
                        toSubscription: parts.fromSubscription, toRollover: parts.fromRollover, toPurchased: parts.fromPurchased,
                        fromDebt: parts.overflowToDebt))
            #expect(account == before, "\(amount)")
        }
    }

    private static let ofSevenHundred: [(amount: Quantity, expected: Returned)] = [
        (100, Returned(fromDebt: 100)), (250, Returned(toPurchased: 150, fromDebt: 100)),
        (450, Returned(toRollover: 50, toPurchased: 300, fromDebt: 100)),
        (700, Returned(toSubscription: 100, toRollover: 200, toPurchased: 300, fromDebt: 100)),
    ]

    /// 700 was taken: 100 of the limit, 200 carried over, 300 purchased, 100 owed.
    @Test(arguments: ofSevenHundred)
    func `A part goes back from the end of the waterfall`(amount: Quantity, expected: Returned) throws {
        var account = Self.start()
        let event = try Self.record(&account, "e", 700)
        #expect(try account.void(event, amount, peaks: PeaksBeside(day: 0, lifetime: 0)) == expected)
        // The account is as if the event had been smaller.
        var smaller = Self.start()
        if amount < 700 { _ = try Self.record(&smaller, "e", 700 - amount) }
        #expect(account == smaller)
    }

    @Test func `Parts add up to the whole, and the largest query beside it is the peak again`() throws {
        var account = Self.start()
        _ = try Self.record(&account, "a", 20)
        var event = try Self.record(&account, "e", 700)
        var sum = Returned()
        for part: Quantity in [1, 99, 200, 350, 50] {
            let returned = try account.void(event, part, peaks: PeaksBeside(day: 20, lifetime: 20))
            sum.toSubscription += returned.toSubscription
            sum.toRollover += returned.toRollover
            sum.toPurchased += returned.toPurchased
            sum.fromDebt += returned.fromDebt
            event = Self.voided(event, part)
        }
        #expect(event.kept == 0 && sum == Returned(toSubscription: 80, toRollover: 200, toPurchased: 300, fromDebt: 120))
        var without = Self.start()
        _ = try Self.record(&without, "a", 20)
        #expect(account == without)
    }

    /// What is done after a mistake of 833 of a limit of 50; then U, R and P once it is void, and which parts went back.
    private static let later: [(steps: [Later], expected: [Quantity], returned: Returned)] = [
        ([.use(31)], [31, 0, 0], Returned(toSubscription: 19, fromDebt: 814)),
        ([.use(80)], [50, -30, 0], Returned(fromDebt: 833)),
        ([.purchase(40), .use(31)], [31, 0, 40], Returned(toSubscription: 19, toPurchased: 31, fromDebt: 783)),
        ([.adjust(800), .use(31)], [31, 0, 800], Returned(toSubscription: 19, toPurchased: 800, fromDebt: 14)),
        ([.adjust(-10), .use(31)], [41, 0, 0], Returned(toSubscription: 9, fromDebt: 824)),
        // What overflowed under the limit of before stays owed; what did under the present one finds room.
        ([.use(31), .limit(40), .use(5)], [5, -31, 0], Returned(toSubscription: 45, fromDebt: 788)),
    ]

    private enum Later {
        case use(Quantity)
        case purchase(Quantity)
        case adjust(Quantity)
        case limit(Quantity)
    }

    @Test(arguments: later.indices) func `What came after a mistake finds what the mistake had taken`(row: Int) throws {
        let (steps, expected, returned) = Self.later[row]
        var account = account(plan("pro", tokens: 50), at: Self.now)
        let event = try Self.record(&account, "mistake", 833)
        account.version = 1
        for (number, step) in steps.enumerated() {
            switch step {
            case .use(let amount): _ = try Self.record(&account, "\(number)", amount)
            case .purchase(let amount):
                let content = PurchaseContent(user: user, meter: .tokens, amount: amount)
                _ = try account.purchase(content, as: PurchaseID(stored: "p"), at: Self.now)
            case .adjust(let amount):
                let content = AdjustmentContent(user: user, meter: .tokens, amount: amount, reason: "r")
                _ = try account.adjust(content, as: AdjustmentID(stored: "a"), by: .system, at: Self.now)
            case .limit(let amount): account.adopt(plan("less", tokens: amount), subscription: nil)
            }
            account.version += 1
        }
        #expect(try account.void(event, 833, peaks: PeaksBeside(day: 31, lifetime: 31)) == returned)
        #expect([account.tokens.used, account.tokens.rollover, account.tokens.purchased] == expected)
    }

    @Test func `In a later period what the allowance gave is allowance now, and debt is owed no more`() throws {
        var account = Self.start()
        let event = try Self.record(&account, "e", 700)
        _ = try Self.record(&account, "b", 5)
        account.close(at: account.period.end, opening: Period.calendarMonth(of: account.period.end))
        #expect(account.tokens.rollover == -105)
        let returned = try account.void(event, 700)
        #expect(returned == Returned(toRollover: 300, toPurchased: 300, fromDebt: 100))
        #expect(account.tokens.rollover == 295 && account.tokens.used == 0 && account.tokens.purchased == 300)
        #expect(account.lifetime.tokens == 5 && account.lifetime.queries == 1 && account.daily.isEmpty)
    }

    @Test func `Debt that was billed is credited, and not forgiven again`() throws {
        var account = Self.start()
        let event = try Self.record(&account, "e", 700)
        var ending = PeriodEnd()
        ending.overage = [.tokens: 100]
        account.close(at: account.period.end, opening: Period.calendarMonth(of: account.period.end), ending)
        #expect(account.tokens.rollover == 0)
        #expect(try account.void(event, 150, billed: 100) == Returned(toPurchased: 50, fromDebt: 100))
        #expect(account.tokens.rollover == 0 && account.tokens.purchased == 50)
    }

    @Test func `A threshold that a void goes below is told again`() throws {
        var account = account(plan("pro", tokens: 100), at: Self.now)
        _ = try Self.record(&account, "a", 55)
        let event = try Self.record(&account, "e", 40)
        #expect(event.settlement.alerts.map(\.percent) == [75, 80, 90])
        _ = try account.void(event, 40, peaks: PeaksBeside(day: 55, lifetime: 55))
        #expect(try Self.record(&account, "f", 21).settlement.alerts.map(\.percent) == [75])
    }

    /// The law from outside: an account with an event that is void has as much left, has used as much and will be billed for as much as one
    /// in which the event never was, whatever was recorded before and after it.
    @Test func `A void leaves all as if the event had never been`() async throws {
        for seed in 0..<5_000 as Range<UInt64> {
            if seed % 500 == 0 { await Task.yield() }
            var random = SplitMix(seed: seed)
            let plan = plan("pro", tokens: [100, 1_000, nil].randomElement(using: &random) ?? 100, cap: seed % 2 == 0 ? 300 : nil)
            var (with, without) = (account(plan, at: Self.now), account(plan, at: Self.now))
            let place = Int.random(in: 0..<8, using: &random)
            var mistake: RecordedEvent?
            for step in 0..<8 {
                if step == place {
                    let amount: Quantity = random.next() % 4 == 0 ? .largest : .random(in: 1...900, using: &random)
                    mistake = try? Self.record(&with, "mistake", amount, day: step)
                }
                if random.next() % 5 == 0 {
                    let bought = purchase(Quantity.random(in: 1...200, using: &random))
                    for index in [0, 1] {
                        _ =
                            try index == 0
                            ? with.purchase(bought, as: PurchaseID(stored: "p"), at: Self.now)
                            : without.purchase(bought, as: PurchaseID(stored: "p"), at: Self.now)
                    }
                }
                // In the debt of the largest event there is no room for another one: it is refused until the void.
                let amount = Quantity.random(in: 0...120, using: &random)
                guard (try? Self.record(&with, "e\(step)", amount, day: step)) != nil else { continue }
                _ = try Self.record(&without, "e\(step)", amount, day: step)
            }
            guard var event = mistake else { continue }
            let day = without.daily.first { $0.day == with.countingDay(of: event.at) }?.totals.peak ?? 0
            while event.kept > 0 {
                let part = min(event.kept, [event.kept, 37, 5_000].randomElement(using: &random) ?? 1)
                _ = try with.void(
                    event, part,
                    peaks: PeaksBeside(
                        day: with.isPeakOfDay(event) ? day : nil, lifetime: with.isPeak(event) ? without.lifetime.peak : nil))
                event = Self.voided(event, part)
                if event.voided > 50_000 || part == 37, event.kept > 0 {
                    _ = try with.void(
                        event, event.kept,
                        peaks: PeaksBeside(
                            day: with.isPeakOfDay(event) ? day : nil, lifetime: with.isPeak(event) ? without.lifetime.peak : nil))
                    event = Self.voided(event, event.kept)
                }
            }
            #expect(with.tokens.remaining == without.tokens.remaining, "seed \(seed)")
            #expect(with.daily == without.daily && with.lifetime == without.lifetime, "seed \(seed)")
            let sums = [with, without].map { account in
                (account.tokens.used - account.tokens.rollover - account.tokens.purchased)
            }
            #expect(sums[0] == sums[1], "seed \(seed)")
        }
    }
}
