import Support
import Testing

@testable import Metering

/// Laws that hold whatever the rules' formulas say, of random sequences of what shops and users do. Each sequence ends with the cancellation of every
/// subscription, so that all is billed.
@Suite struct LawTests {
    private static let sequences: UInt64 = 5_000

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `What was used and carried over is paid for, each second is billed once at most, and money is neither made nor lost`(
        part: UInt64
    ) async {
        for seed in stride(from: part, to: Self.sequences, by: 4) {
            await Task.yield()  // to tests that wait for an answer in time
            let basis: ProrationBasis = seed % 5 == 0 ? .time : .timeOrUse
            let setting = seed % 2 == 0 ? LawSetting.ofOneRate(basis) : .mixed(basis)
            let steps = SplitMix.laws(seed: seed, plans: setting.plans.count, withWeeks: !setting.isOfOneRate)
            guard let (fewest, law) = shortest(steps, failure: { Self.brokenLaw(of: $0, setting) }) else { continue }
            Issue.record("seed \(seed): \(fewest.map { "\n  \($0.user): \($0.step)" }.joined())\n\(law)")
            return
        }
    }

    private typealias Steps = [(user: Int, step: LawStep)]

    /// Runs a sequence; the first law that it breaks, in words.
    private static func brokenLaw(of steps: Steps, _ setting: LawSetting) -> String? {
        var (users, now) = ([LawUser](repeating: LawUser(setting), count: 7), LawSetting.start)
        for (user, step) in steps {
            if case .wait(let milliseconds) = step {
                let next = now.adding(milliseconds: milliseconds)
                for index in users.indices { users[index].pass(from: now, to: next) }
                now = next
            } else {
                users[user].take(step, at: now)
            }
            for user in users { if let broken = user.brokenLaw() { return broken } }
        }
        for index in users.indices {
            users[index].take(.cancelNow, at: now)
            if let broken = users[index].brokenLaw() ?? users[index].brokenLawAtTheEnd() { return "at the end: \(broken)" }
        }
        return nil
    }
}

extension LawUser {
    private static let cent = Money(units: Money.unitsPerOne / 100)

    /// The laws that hold after every step.
    fileprivate func brokenLaw() -> String? {
        let credit = state.subscription?.creditBalance ?? .zero
        let used = invoices.map { $0.status == .cancelled ? .zero : $0.bill.creditUsed - $0.creditReturned }.sum
        if credit < .zero { return "credit below 0: \(credit.text)" }
        if credit + used != granted { return "(d) credit: granted \(granted.text), kept \(credit.text), used \(used.text)" }
        if !hasRefunded, granted - used > paid { return "(d) credit of \(credit.text), and \(paid.text) was paid" }
        let settled = invoices.filter { $0.status == .paid || $0.status == .refunded }.map(\.total).sum
        if paid != settled { return "(d) paid \(paid.text), invoices say \(settled.text)" }
        if refunded != invoices.map(\.refunded).sum { return "(d) refunded \(refunded.text)" }
        if let bad = invoices.first(where: { $0.total < .zero || $0.bill.charged == .zero }) { return "an invoice of \(bad.total.text)" }
        if trials > 1 { return "\(trials) trials" }
        if let month = free.first(where: { $0.value > Int128(LawSetting.free.tokens.quantity ?? 0) }) {
            return "\(month.value) tokens of the free month of \(month.key.rfc3339)"
        }
        return nil
    }

    /// The laws of what was billed in all, once everything is.
    fileprivate func brokenLawAtTheEnd() -> String? {
        let overage = invoices.flatMap(\.bill.lines).filter { $0.kind == .overage }
        let quantity = overage.reduce(Int128(0)) { $0 + Int128($1.quantity ?? 0) }
        if quantity != overflowed { return "(c) \(overflowed) overflowed while it was paid for, \(quantity) were billed" }
        let fees = invoices.map { $0.total + $0.bill.creditUsed }.sum - overage.map(\.amount).sum - granted
        let slack = Self.cent * roundings
        if timeCost > fees + slack { return "(b) \(timeCost.text) of time, \(fees.text) billed" }
        if setting.basis == .time, fees > timeCost + slack { return "(b) \(fees.text) billed for \(timeCost.text) of time" }
        guard setting.isOfOneRate, setting.basis == .timeOrUse else { return nil }
        // 0.10 a token: a cent's rounding is a tenth of one.
        let tokens = fees.units / (Money.unitsPerOne / 10)
        return taken > tokens + 1 + Int128(roundings) ? "(a) \(taken) tokens used and carried over, \(fees.text) billed" : nil
    }
}
