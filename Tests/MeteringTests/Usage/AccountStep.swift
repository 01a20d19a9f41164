/// One step of a random sequence. Meters and plans have numbers; a hold has the number of the step that asked for it.
enum AccountStep: Sendable {
    case record(meter: Int, amount: Int64, enforce: Bool)
    case purchase(meter: Int, amount: Int64)
    case hold(id: Int, meter: Int, amount: Int64, seconds: Int64)
    case commit(id: Int, amount: Int64?, isFinal: Bool)
    case release(id: Int)
    case expire(id: Int)
    case wait(seconds: Int64)
    /// The plan changes when the period ends.
    case schedule(plan: Int)
    case enforcement(isOn: Bool)
}

/// The outcome of a step. An amount that is nil is unlimited.
enum AccountOutcome: Equatable, Sendable {
    case done
    /// Periods that were closed as time passed.
    case passed(periods: Int)
    case recorded(Taken)
    case committed(Taken, isLate: Bool, held: Int64)
    case held(remaining: Int64?)
    case bought(purchased: Int64, remaining: Int64?)
    case refused(limit: Int64, used: Int64, requested: Int64, available: Int64)
    /// The state of the reservation or the subscription does not have this step.
    case forbidden
    case failed(String)

    struct Taken: Equatable, Sendable {
        /// The amounts taken from the allowance, from the rollover and from purchases, and the debt.
        var parts: [Int64] = [0, 0, 0, 0]
        var used: Int64 = 0
        var limit: Int64?
        var remaining: Int64?
        var alerts: [Int64] = []
    }

    var taken: Taken? {
        switch self {
        case .recorded(let taken), .committed(let taken, _, _): taken
        default: nil
        }
    }
}

/// The numbers of a meter after a step.
struct MeterNumbers: Equatable, Sendable {
    let used, rollover, purchased, reserved: Int64
    let remaining: Int64?
}

/// The terms of one meter in a plan.
struct ReferenceTerms: Sendable {
    /// Nil: unlimited.
    let limit: Int64?
    /// Nil: nothing is carried over.
    let cap: Int64?
    var isPlain = false

    static let meters = 2
    static let periodSeconds: Int64 = 30 * 86_400
    /// Plans by number, each with the terms of each meter. The first is the free one.
    static let plans: [[ReferenceTerms]] = [
        [.init(limit: 20, cap: 5), .init(limit: 10, cap: nil)], [.init(limit: 40, cap: 25), .init(limit: 0, cap: 15)],
        [.init(limit: 100, cap: 60), .init(limit: nil, cap: nil, isPlain: true)], [.init(limit: 15, cap: 0), .init(limit: 60, cap: 100)],
        [.init(limit: nil, cap: 30), .init(limit: 25, cap: 5)], [.init(limit: 0, cap: nil), .init(limit: 40, cap: nil)],
    ]
}
