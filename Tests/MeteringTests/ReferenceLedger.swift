@testable import Metering

/// What a random sequence does, one step at a time.
enum LedgerStep: Sendable {
    case record(meter: Int, amount: Int64, enforce: Bool)
    case purchase(meter: Int, amount: Int64)
    case hold(id: Int, meter: Int, amount: Int64, seconds: Int64)
    case commit(id: Int, amount: Int64?, isFinal: Bool)
    case release(id: Int)
    case wait(seconds: Int64)
    case expire(id: Int)
    case close
    case adopt(plan: Int)
    case enforcement(isOn: Bool)
}

/// What the meters of a plan are allowed.
struct ReferenceTerms: Sendable {
    /// Nil: unlimited.
    let limit: Int64?
    /// Nil: nothing is carried over.
    let cap: Int64?

    static let meters = 2
    /// Plans by number, each with the terms of each meter.
    static let plans: [[ReferenceTerms]] = [
        [.init(limit: 40, cap: 25), .init(limit: 10, cap: nil)], [.init(limit: 100, cap: 60), .init(limit: 0, cap: 15)],
        [.init(limit: 15, cap: 0), .init(limit: nil, cap: nil)], [.init(limit: nil, cap: 30), .init(limit: 25, cap: 5)],
        [.init(limit: 0, cap: nil), .init(limit: 60, cap: 100)],
    ]
}

/// The rules as the design's sentences say them, one unit at a time: slow, and with no formula of the code that it is held against.
///
/// An outcome is a list of numbers that begins with what happened: 1 recorded, 2 refused, 3 held, 4 committed, 5 the reservation's state does
/// not allow it, 6 purchased, 0 anything else. −1 stands for unlimited.
struct ReferenceLedger {
    struct Meter {
        var limit: Int64?
        var cap: Int64?
        var used: Int64 = 0
        var rollover: Int64 = 0
        var purchased: Int64 = 0
        var reported: Set<Int64> = []
    }

    struct Hold {
        let meter: Int
        var left: Int64
        var expiresAt: Int64
        var state: State
        enum State { case open, committed, released, expired }
    }

    var meters: [Meter]
    var holds: [Int: Hold] = [:]
    var now: Int64 = 0
    var isEnforcing = true

    init() { meters = ReferenceTerms.plans[0].map { Meter(limit: $0.limit, cap: $0.cap) } }

    mutating func perform(_ step: LedgerStep) -> [Int64] {
        switch step {
        case .record(let meter, let amount, let enforce): return record(meter, amount, enforce)
        case .purchase(let meter, let amount):
            for _ in 0..<amount { meters[meter].purchased += 1 }
            return [6, meters[meter].purchased, shown(meter)]
        case .hold(let id, let meter, let amount, let seconds): return hold(id, meter, amount, seconds)
        case .commit(let id, let amount, let isFinal): return commit(id, amount, isFinal)
        case .release(let id): return release(id)
        case .wait(let seconds): now += seconds
        case .expire(let id): expire(id)
        case .close: for meter in meters.indices { close(meter) }
        case .adopt(let plan):
            for (meter, terms) in ReferenceTerms.plans[plan].enumerated() {
                (meters[meter].limit, meters[meter].cap) = (terms.limit, terms.cap)
            }
        case .enforcement(let isOn): isEnforcing = isOn
        }
        return [0]
    }

    /// Per meter: used, rollover, purchased, held.
    var state: [Int64] { meters.indices.flatMap { [meters[$0].used, meters[$0].rollover, meters[$0].purchased, held($0)] } }

    private func limit(_ meter: Int) -> Int64? { isEnforcing ? meters[meter].limit : nil }

    private func held(_ meter: Int) -> Int64 {
        var sum: Int64 = 0
        for hold in holds.values where hold.meter == meter && hold.state == .open { sum += hold.left }
        return sum
    }

    /// Nil: unlimited. Below 0: more is owed or held than there is.
    private func available(_ meter: Int) -> Int64? {
        guard let limit = limit(meter) else { return nil }
        var count: Int64 = 0
        var unit = meters[meter].used
        while unit < limit { (unit, count) = (unit + 1, count + 1) }
        return count + meters[meter].rollover + meters[meter].purchased - held(meter)
    }

    private func shown(_ meter: Int) -> Int64 { available(meter).map { max(0, $0) } ?? -1 }

    private mutating func record(_ meter: Int, _ amount: Int64, _ enforce: Bool) -> [Int64] {
        if enforce, let available = available(meter), available < amount {
            return [2, limit(meter) ?? -1, meters[meter].used, amount, max(0, available)]
        }
        var taken: [Int64] = [0, 0, 0, 0]
        for _ in 0..<amount { taken[takeOne(meter)] += 1 }
        return [1] + taken + [meters[meter].used, limit(meter) ?? -1, shown(meter)] + report(meter)
    }

    /// From where one unit comes: 0 the allowance, 1 the rollover, 2 purchases, 3 debt.
    private mutating func takeOne(_ meter: Int) -> Int {
        if limit(meter).map({ meters[meter].used < $0 }) ?? true {
            meters[meter].used += 1
            return 0
        }
        if meters[meter].rollover > 0 {
            meters[meter].rollover -= 1
            return 1
        }
        if meters[meter].purchased > 0 {
            meters[meter].purchased -= 1
            return 2
        }
        meters[meter].rollover -= 1
        return 3
    }

    private mutating func report(_ meter: Int) -> [Int64] {
        guard let limit = limit(meter), limit > 0 else { return [] }
        var crossed: [Int64] = []
        for percent in [50, 75, 80, 90, 100] as [Int64] where meters[meter].used * 100 >= limit * percent {
            if meters[meter].reported.insert(percent).inserted { crossed.append(percent) }
        }
        return crossed
    }

    private mutating func hold(_ id: Int, _ meter: Int, _ amount: Int64, _ seconds: Int64) -> [Int64] {
        if let available = available(meter), available < amount {
            return [2, limit(meter) ?? -1, meters[meter].used, amount, max(0, available)]
        }
        holds[id] = Hold(meter: meter, left: amount, expiresAt: now + seconds, state: .open)
        return [3, shown(meter)]
    }

    private mutating func commit(_ id: Int, _ amount: Int64?, _ isFinal: Bool) -> [Int64] {
        guard var hold = holds[id] else { return [0] }
        if hold.state == .open, now >= hold.expiresAt { hold.state = .expired }
        guard hold.state == .open || hold.state == .expired else { return [5] }
        let isLate = hold.state == .expired
        let amount = amount ?? hold.left
        for _ in 0..<amount where hold.left > 0 { hold.left -= 1 }
        if isFinal { hold.state = .committed }
        holds[id] = hold
        return [4, amount, isLate ? 1 : 0, hold.state == .open ? hold.left : 0] + record(hold.meter, amount, false)
    }

    private mutating func release(_ id: Int) -> [Int64] {
        guard let hold = holds[id] else { return [0] }
        switch hold.state {
        case .open: holds[id]?.state = .released
        case .committed: return [5]
        case .released, .expired: break
        }
        return [0]
    }

    private mutating func expire(_ id: Int) {
        if let hold = holds[id], hold.state == .open, now >= hold.expiresAt { holds[id]?.state = .expired }
    }

    /// Each unused unit of the allowance is carried over while there is room under the cap: a debt has room first.
    private mutating func close(_ meter: Int) {
        if let limit = meters[meter].limit, let cap = meters[meter].cap {
            while meters[meter].used < limit {
                meters[meter].used += 1
                if meters[meter].rollover < cap { meters[meter].rollover += 1 }
            }
        }
        while meters[meter].rollover > meters[meter].cap ?? 0 { meters[meter].rollover -= 1 }
        meters[meter].used = 0
        meters[meter].reported = []
    }
}
