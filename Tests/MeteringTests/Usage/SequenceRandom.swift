import Support

/// Makes a sequence of steps from a seed.
struct SequenceRandom {
    private var generator: SplitMix
    /// The steps that asked for a hold; later steps mostly name one of the last.
    private var holds: [Int] = []

    init(seed: UInt64) { generator = SplitMix(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1) }

    static func steps(seed: UInt64) -> [AccountStep] {
        var random = SequenceRandom(seed: seed)
        return (0..<(15 + random.below(26))).map { random.step($0) }
    }

    private mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

    private mutating func step(_ number: Int) -> AccountStep {
        let meter = below(ReferenceTerms.meters)
        switch below(32) {
        case 0...8: return .record(meter: meter, amount: Int64(below(below(2) == 0 ? 61 : 15)), enforce: below(2) == 0)
        case 9...11: return .purchase(meter: meter, amount: Int64(1 + below(20)))
        case 12...15:
            holds.append(number)
            let seconds = Int64(1 + below(100)) * (below(3) == 0 ? 86_400 : 1)
            return .hold(id: number, meter: meter, amount: Int64(below(25)), seconds: seconds)
        case 16...20: return .commit(id: someHold(), amount: below(3) == 0 ? nil : Int64(below(30)), isFinal: below(2) == 0)
        case 21: return .release(id: someHold())
        case 22: return .expire(id: someHold())
        case 23, 24: return .wait(seconds: Int64(below(80)))
        case 25: return .wait(seconds: Int64(1 + below(70)) * 86_400)
        default: return change()
        }
    }

    private mutating func change() -> AccountStep {
        switch below(6) {
        case 0...1: .wait(seconds: Int64(29 + below(3)) * 86_400)
        case 2...4: .schedule(plan: below(ReferenceTerms.plans.count))
        default: .enforcement(isOn: below(3) > 0)
        }
    }

    /// One of the last four holds; before the first hold, 0, which is none, so that the step changes nothing.
    private mutating func someHold() -> Int { holds.isEmpty ? 0 : holds[holds.count - 1 - below(min(4, holds.count))] }
}
