import Support

@testable import Metering

/// One step of a sequence, of one of the users. Plans have numbers.
enum LawStep: Sendable, CustomStringConvertible {
    case create(plan: Int, cycle: BillingCycle)
    case change(plan: Int)
    case changeCycle(BillingCycle)
    case schedule(plan: Int)
    case renew, reset, suspend, resume, cancelNow, cancelAtEnd
    case use(Quantity, enforce: Bool)
    case pay, refund
    /// An event that should not have been, and its void.
    case mistake(Quantity)
    case takeBack
    case wait(milliseconds: Int64)

    var description: String {
        switch self {
        case .create(let plan, let cycle): "create \(plan) \(cycle.text)"
        case .change(let plan): "change \(plan)"
        case .changeCycle(let cycle): "cycle \(cycle.text)"
        case .schedule(let plan): "schedule \(plan)"
        case .renew: "renew"
        case .reset: "reset"
        case .suspend: "suspend"
        case .resume: "resume"
        case .cancelNow: "cancel"
        case .cancelAtEnd: "cancel at the end"
        case .use(let amount, let enforce): "use \(amount)\(enforce ? " enforced" : "")"
        case .pay: "pay"
        case .refund: "refund"
        case .mistake(let amount): "mistake \(amount)"
        case .takeBack: "take back"
        case .wait(let milliseconds): "wait \(milliseconds)"
        }
    }
}

/// The plans, the basis and the clock of a sequence.
struct LawSetting: Sendable {
    let plans: [Plan]
    let basis: ProrationBasis
    /// Whether each paid plan gives as many tokens for its money, so that money and tokens can be told in one number.
    let isOfOneRate: Bool

    static let free = plan("free", tokens: 50, cap: 20)
    static let start = time("2026-11-03T05:00:00Z")

    /// 0.10 a token, also in the shortest month of the year that is billed at once.
    static func ofOneRate(_ basis: ProrationBasis) -> LawSetting {
        var metered = plan("metered", tokens: 200, fee: "20.00")
        metered.overagePrices = [.tokens: Money("0.50") ?? .zero]
        var monthly = plan("monthly", tokens: 300, fee: "33.00", cap: 500)
        (monthly.yearlyFee, monthly.allowanceInterval) = (Money("396.00"), .monthly)
        return LawSetting(
            plans: [plan("basic", tokens: 100, fee: "10.00", cap: 150), plan("pro", tokens: 1_000, fee: "100.00"), metered, monthly],
            basis: basis, isOfOneRate: true)
    }

    /// Other rates, a plan without a fee, a trial and an unlimited one.
    static func mixed(_ basis: ProrationBasis) -> LawSetting {
        var metered = plan("metered", tokens: 10, fee: "7.31", cap: 30)
        metered.overagePrices = [.tokens: Money("0.037") ?? .zero]
        return LawSetting(
            plans: [
                plan("basic", tokens: 100, fee: "9.00", cap: 1_000), plan("pro", tokens: 4_000, fee: "29.00"), metered,
                plan("gratis", tokens: 60, cap: 10), plan("trial", tokens: 500, fee: "31.00", cap: 600, trialDays: 14),
                plan("endless", tokens: nil, fee: "55.00"),
            ], basis: basis, isOfOneRate: false)
    }
}

extension SplitMix {
    /// The steps of a sequence for each of its users.
    static func laws(seed: UInt64, plans: Int, withWeeks: Bool) -> [(user: Int, step: LawStep)] {
        var random = SplitMix(seed: seed)
        func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        let users = 2 + below(5)
        let cycles: [BillingCycle] = [.monthly, .monthly, .yearly, .days(30), .days(withWeeks ? 7 : 30)]
        return (0..<(20 + below(40))).map { _ in
            let step: LawStep =
                switch below(30) {
                case 0...3: .create(plan: below(plans), cycle: cycles[below(5)])
                case 4...6: .change(plan: below(plans))
                case 7: .changeCycle(cycles[below(5)])
                case 8: .schedule(plan: below(plans))
                case 9: .renew
                case 10: .reset
                case 11: .suspend
                case 12: .resume
                case 13: .cancelNow
                case 14: .cancelAtEnd
                case 15...21: .use(Quantity(below(below(3) == 0 ? 1_200 : 90)), enforce: below(3) > 0)
                case 22, 23: .pay
                case 24: .refund
                default: .wait(milliseconds: Int64(1 + below(40)) * [1, 60_000, 3_600_000, 86_400_000][below(4)])
                }
            return (below(users), step)
        }
    }
}
