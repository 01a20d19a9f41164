/// The rules of usage once more, one unit at a time: slow, and without the formulas of the code that is held against it.
struct ReferenceAccount {
    struct Meter {
        var rollover: Int64 = 0
        var purchased: Int64 = 0
    }

    /// A billing period, with the units that each meter took from its allowance and the thresholds that were told.
    struct Period {
        var end: Int64
        var used: [Int64] = Array(repeating: 0, count: ReferenceTerms.meters)
        var reported: [Set<Int64>] = Array(repeating: [], count: ReferenceTerms.meters)
    }

    private var meters = Array(repeating: Meter(), count: ReferenceTerms.meters)
    var holds: [ReferenceHold] = []
    private(set) var periods = [Period(end: ReferenceTerms.periodSeconds)]
    private(set) var now: Int64 = 0
    private var agreed = 1
    /// The plan that waits for the period's end.
    private var waiting: Int?
    private var isEnforcing = true

    mutating func perform(_ step: AccountStep) -> AccountOutcome {
        switch step {
        case .record(let meter, let amount, let enforce): return record(meter, amount, enforce: enforce)
        case .purchase(let meter, let amount): return purchase(meter, amount)
        case .hold(let id, let meter, let amount, let seconds): return hold(id, meter, amount, seconds)
        case .commit(let id, let amount, let isFinal): return commit(id, amount, isFinal)
        case .release(let id): return release(id)
        case .expire(let id): return expire(id)
        case .wait(let seconds): return wait(seconds)
        case .schedule(let plan): waiting = plan
        case .enforcement(let isOn): isEnforcing = isOn
        }
        return .done
    }

    func numbers(_ meter: Int) -> MeterNumbers {
        MeterNumbers(
            used: used(meter), rollover: meters[meter].rollover, purchased: meters[meter].purchased, reserved: held(meter),
            remaining: remaining(meter))
    }

    private var period: Int { periods.count - 1 }

    private func used(_ meter: Int) -> Int64 { periods[period].used[meter] }

    private func terms(_ meter: Int) -> ReferenceTerms { ReferenceTerms.plans[agreed][meter] }

    func limit(_ meter: Int) -> Int64? { isEnforcing ? terms(meter).limit : nil }

    private func held(_ meter: Int) -> Int64 {
        var sum: Int64 = 0
        for hold in holds where hold.meter == meter && hold.state == .open { sum += hold.left }
        return sum
    }

    /// Nil: unlimited. Below 0: more is owed or held than there is.
    private func available(_ meter: Int) -> Int64? {
        guard let limit = limit(meter) else { return nil }
        var count: Int64 = 0
        var unit = used(meter)
        while unit < limit { (unit, count) = (unit + 1, count + 1) }
        return count + meters[meter].rollover + meters[meter].purchased - held(meter)
    }

    func remaining(_ meter: Int) -> Int64? { available(meter).map { $0 < 0 ? 0 : $0 } }

    /// The refusal of an amount; nil when it is left.
    func refusal(_ meter: Int, _ amount: Int64) -> AccountOutcome? {
        guard let limit = limit(meter), let available = available(meter), available < amount else { return nil }
        return .refused(limit: limit, used: used(meter), requested: amount, available: available < 0 ? 0 : available)
    }

    private mutating func record(_ meter: Int, _ amount: Int64, enforce: Bool) -> AccountOutcome {
        if enforce, let refusal = refusal(meter, amount) { return refusal }
        return .recorded(take(meter, amount))
    }

    mutating func take(_ meter: Int, _ amount: Int64) -> AccountOutcome.Taken {
        var taken = AccountOutcome.Taken()
        for _ in 0..<amount { taken.parts[takeOne(meter)] += 1 }
        (taken.used, taken.limit, taken.remaining) = (used(meter), limit(meter), remaining(meter))
        taken.alerts = report(meter)
        return taken
    }

    /// Takes one unit, and returns its source: 0 the allowance, 1 the rollover, 2 purchases, 3 debt.
    private mutating func takeOne(_ meter: Int) -> Int {
        if limit(meter).map({ used(meter) < $0 }) ?? true {
            periods[period].used[meter] += 1
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
        return [50, 75, 80, 90, 100].filter { percent in
            used(meter) * 100 >= limit * percent && periods[period].reported[meter].insert(percent).inserted
        }
    }

    private mutating func purchase(_ meter: Int, _ amount: Int64) -> AccountOutcome {
        for _ in 0..<amount { meters[meter].purchased += 1 }
        return .bought(purchased: meters[meter].purchased, remaining: remaining(meter))
    }

    private mutating func wait(_ seconds: Int64) -> AccountOutcome {
        now += seconds
        let before = periods.count
        while now >= periods[period].end {
            closePeriod(next: periods[period].end)
            (agreed, waiting) = (waiting ?? agreed, nil)
        }
        return .passed(periods: periods.count - before)
    }

    private mutating func closePeriod(next start: Int64) {
        for meter in meters.indices { carryOver(meter) }
        periods.append(Period(end: start + ReferenceTerms.periodSeconds))
    }

    /// Each unused unit of the allowance pays a unit of debt or, where there is room under the cap, is carried over.
    private mutating func carryOver(_ meter: Int) {
        let terms = terms(meter)
        if let limit = terms.limit {
            var unit = used(meter)
            while unit < limit {
                unit += 1
                if meters[meter].rollover < terms.cap ?? 0 { meters[meter].rollover += 1 }
            }
        }
        while meters[meter].rollover > terms.cap ?? 0 { meters[meter].rollover -= 1 }
    }
}
