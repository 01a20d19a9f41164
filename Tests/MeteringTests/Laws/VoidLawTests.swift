import Support
import Testing

@testable import Metering

/// Law (e), from outside: an event that is taken back while its period is open leaves no trace, neither in what can be used nor in what is billed,
/// whatever was done before it and after the void: uses, changes of plan and cycle, suspensions, payments, refunds, ends of periods. Between the two
/// are uses, payments, refunds and time.
@Suite struct VoidLawTests {
    private static let sequences: UInt64 = 6_000

    private typealias Steps = [LawStep]

    @Test(arguments: 0..<4 as Range<UInt64>) func `A void leaves all as if the event had never been, bills and plans too`(part: UInt64)
        async
    {
        var checked = 0
        for seed in stride(from: part, to: Self.sequences, by: 4) {
            if seed % 20 < 4 { await Task.yield() }
            let setting = seed % 2 == 0 ? LawSetting.ofOneRate(.timeOrUse) : .mixed(seed % 3 == 0 ? .time : .timeOrUse)
            let steps = SplitMix.voids(seed: seed, plans: setting.plans.count)
            let (isChecked, broken) = Self.brokenLaw(of: steps, setting)
            checked += isChecked ? 1 : 0
            guard broken != nil, let (fewest, law) = shortest(steps, failure: { Self.brokenLaw(of: $0, setting).broken }) else { continue }
            Issue.record("seed \(seed): \(fewest.map { "\n  \($0)" }.joined())\n\(law)")
            return
        }
        #expect(checked > Self.sequences / 16, "of the sequences enough take a mistake back in time")
    }

    /// Runs the steps for a user who makes the mistake, and for one who does not.
    private static func brokenLaw(of steps: Steps, _ setting: LawSetting) -> (isChecked: Bool, broken: String?) {
        var (with, without, now) = (LawUser(setting), LawUser(setting), LawSetting.start)
        for step in steps {
            switch step {
            case .wait(let milliseconds):
                let next = now.adding(milliseconds: milliseconds)
                with.pass(from: now, to: next)
                without.pass(from: now, to: next)
                now = next
            case .mistake, .takeBack: with.take(step, at: now)
            case .pay, .refund:
                with.take(step, at: now)
                without.take(step, at: now)
            case .use(let amount, let enforce):
                // What is refused for the mistake would not have been without it.
                let use = LawStep.use(amount, enforce: enforce && !with.isMistaken)
                with.take(use, at: now)
                without.take(use, at: now)
            default:
                if with.isMistaken { continue }
                with.take(step, at: now)
                without.take(step, at: now)
            }
        }
        guard with.hasTakenBack else { return (false, nil) }
        if let broken = with.difference(from: without) { return (true, broken) }
        with.take(.cancelNow, at: now)
        without.take(.cancelNow, at: now)
        return (true, with.difference(from: without).map { "once all is billed: \($0)" })
    }
}

extension LawUser {
    /// In which the two differ, in words. Bills may differ by their roundings.
    fileprivate func difference(from other: LawUser) -> String? {
        let (mine, others) = (state.account.tokens, other.state.account.tokens)
        if mine.remaining != others.remaining { return "\(mine.remaining ?? -1) tokens left, not \(others.remaining ?? -1)" }
        func debt(_ balance: MeterBalance) -> Quantity { balance.used - balance.rollover }
        if debt(mine) != debt(others) { return "used less carried over: \(debt(mine)), not \(debt(others))" }
        let (billed, otherwise) = (self.billed, other.billed)
        let slack = Money(units: Money.unitsPerOne / 100) * max(roundings, other.roundings)
        if billed > otherwise + slack || otherwise > billed + slack { return "billed \(billed.text), not \(otherwise.text)" }
        return nil
    }

    /// What was billed, less what was given back of it as credit.
    private var billed: Money {
        invoices.map { $0.status == .cancelled ? .zero : $0.total + $0.bill.creditUsed }.sum - granted
    }
}

extension SplitMix {
    /// Steps of one user with a mistake among them, and its void some steps later.
    fileprivate static func voids(seed: UInt64, plans: Int) -> [LawStep] {
        var random = SplitMix(seed: seed &+ 7_000_000)
        func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        let cycles: [BillingCycle] = [.monthly, .yearly, .days(30)]
        let place = 2 + below(8)
        let back = place + 1 + below(6)
        return (0..<22).flatMap { number -> [LawStep] in
            let step: LawStep =
                switch below(24) {
                case 0...3: .create(plan: below(plans), cycle: cycles[below(3)])
                case 4, 5: .change(plan: below(plans))
                case 6: .changeCycle(cycles[below(3)])
                case 7: .schedule(plan: below(plans))
                case 8: below(2) == 0 ? .renew : .reset
                case 9: .suspend
                case 10: .resume
                case 11...17: .use(Quantity(below(below(3) == 0 ? 1_200 : 90)), enforce: below(3) > 0)
                case 18, 19: .pay
                case 20: .refund
                default: .wait(milliseconds: Int64(1 + below(20)) * [1, 3_600_000, 86_400_000][below(3)])
                }
            let mistake = number == place ? [LawStep.mistake(Quantity(1 + below(900)))] : []
            return mistake + [step] + (number == back ? [.takeBack] : [])
        }
    }
}
