import Testing

@testable import Metering

@Suite struct RandomSequenceTests {
    static let sequences: UInt64 = 10_000

    /// The sequences are divided into four parts, which run at once.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `Random sequences go as the reference model says, after every step`(part: UInt64) async {
        for seed in stride(from: part, to: Self.sequences, by: 4) {
            await Task.yield()  // to tests that wait for an answer in time
            let steps = SequenceRandom.steps(seed: seed)
            guard let (fewest, failed) = shortest(steps, failure: failure) else { continue }
            Issue.record("seed \(seed): \(fewest.map { "\n  \($0)" }.joined())\n\(failed)")
            return
        }
    }

    @Test func `The sequences meet what they are there for, often`() {
        var met: [String: Int] = [:]
        for seed in 0..<500 as Range<UInt64> {
            var reference = ReferenceAccount()
            for step in SequenceRandom.steps(seed: seed) {
                let before = reference
                for occasion in occasions(step, reference.perform(step), before, reference) { met[occasion, default: 0] += 1 }
            }
        }
        let wanted = [
            "refused", "debt", "all three sources", "several alerts", "late commit", "partial commit", "commit of more than was held",
            "hold across a rollover", "forbidden", "several periods at once", "debt paid", "cut by the cap", "unlimited",
            "waiting change",
        ]
        for occasion in wanted { #expect(met[occasion, default: 0] >= 25, "\(occasion)") }
    }

    private func occasions(
        _ step: AccountStep, _ outcome: AccountOutcome, _ before: ReferenceAccount, _ after: ReferenceAccount
    ) -> [String] {
        let taken = outcome.taken
        var met: [String: Bool] = [:]
        met["debt"] = taken.map { $0.parts[3] > 0 }
        met["all three sources"] = taken?.parts.prefix(3).allSatisfy { $0 > 0 }
        met["several alerts"] = taken.map { $0.alerts.count > 1 }
        met["unlimited"] = taken.map { $0.limit == nil }
        switch outcome {
        case .refused: met["refused"] = true
        case .forbidden: met["forbidden"] = true
        case .passed(let periods):
            met["several periods at once"] = periods > 1
            met["waiting change"] = before.limit(0) != after.limit(0)
        case .committed(let taken, let isLate, let held):
            met["late commit"] = isLate
            met["partial commit"] = held > 0
            if case .commit(let id, _, _) = step, let hold = before.holds.first(where: { $0.id == id }) {
                met["commit of more than was held"] = !isLate && taken.parts.reduce(0, +) > hold.left
            }
        default: break
        }
        if after.periods.count > before.periods.count {
            let (old, new) = (before.numbers(0), after.numbers(0))
            met["hold across a rollover"] = new.reserved > 0
            met["debt paid"] = old.rollover < 0 && new.rollover > old.rollover
            met["cut by the cap"] = old.rollover > 0 && new.rollover < old.rollover
        }
        return met.filter(\.value).map(\.key)
    }

    /// The first thing that goes wrong, in words; nil when nothing does.
    private func failure(of steps: [AccountStep]) -> String? {
        var (tested, reference) = (TestedAccount(), ReferenceAccount())
        for step in steps {
            let before = tested.state
            let (actual, expected) = (tested.perform(step), reference.perform(step))
            if actual != expected { return "at \(step)\nexpected \(expected)\nactual   \(actual)" }
            for meter in 0..<ReferenceTerms.meters where tested.numbers(meter) != reference.numbers(meter) {
                return "at \(step), meter \(meter)\nexpected \(reference.numbers(meter))\nactual   \(tested.numbers(meter))"
            }
            if let broken = tested.brokenInvariant(step, actual, before: before) { return "at \(step): \(broken)" }
        }
        return tested.brokenLog
    }
}
