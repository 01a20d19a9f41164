/// The price of a billing period. Whatever changes in it, the period costs what its stretches under one plan cost together:
///
///     by time    each stretch its share of the period's time, times its plan's fee: P = Σ fee × time
///     by use     the price W of what was used grows in a stretch that used ΔU of the limit L, up to U:
///                W becomes max(W, min(fee × U ÷ L, W + fee × ΔU ÷ L)), of the meter that was used most
///     time_or_use    max(P, W)            time    P
///
/// So a whole period of one plan costs its fee, and one that is cut short the larger of its share of time and the share of its allowance that
/// was used. U counts against each plan in turn: what was used before an upgrade is used of the new plan, and is not paid for twice. An unlimited
/// meter has no share of use. A suspension and a trial have the fee 0. Where the allowance's periods are shorter than the billing period, each of
/// them has its own P and W, and its part of the fee.
///
/// Each step settles the difference that it makes to the price at once; the end of the billing period bills what is left of it.
extension Subscription {
    /// The whole time that a fee is the price of: the present period, unless it ends before its cycle does.
    var wholePeriod: Period {
        trialEnd == period.end ? period : cycle.period(from: period.start, anchor: anchor)
    }

    /// The whole period of the allowance around `time`: the billing period, or its month around that time.
    package func allowancePeriod(at time: Timestamp) -> Period {
        guard givesMonthly else { return wholePeriod }
        let month = BillingCycle.monthly.span(around: time, anchor: anchor)
        return Period(start: max(month.start, period.start), end: min(month.end, period.end))
    }

    /// Whether the allowance's periods are shorter than the billing period.
    var givesMonthly: Bool { cycle == .yearly && plan.allowanceInterval == .monthly && trialEnd != period.end }

    private var fee: Money { periodTerms?.current.fee ?? .zero }

    /// The price of time from the tally's last stretch to `end`.
    private func priceOfTime(from start: Timestamp, to end: Timestamp) -> Money {
        end <= start ? .zero : fee.exactShare(end.since(start), of: wholePeriod.length)
    }

    /// W after the present stretch, by the balances at its end.
    private func priceOfUse(_ meters: [MeterBalance]) -> Money {
        let whole = fee.exactShare(allowancePeriod(at: tally.since).length, of: wholePeriod.length)
        var (price, growth) = (Money.zero, Money.zero)
        for balance in meters {
            guard !balance.isPlain, let limit = balance.limit.quantity, limit > 0 else { continue }
            let before = tally.used[balance.meter] ?? 0
            let (used, grown) = (min(balance.used, limit), max(0, min(balance.used, limit) - before))
            guard grown > 0 else { continue }
            price = max(price, whole.exactShare(used, of: limit))
            growth = max(growth, whole.exactShare(grown, of: limit))
        }
        return max(tally.use, min(price, tally.use + growth))
    }

    /// The price of the billing period that ends at `end`, by the balances now: exact, to 10⁻¹⁰.
    func exactPrice(until end: Timestamp, _ meters: [MeterBalance], _ basis: ProrationBasis) -> Money {
        guard periodTerms != nil else { return .zero }
        let allowanceEnd = min(end, allowancePeriod(at: tally.since).end)
        let time = tally.time + priceOfTime(from: tally.since, to: allowanceEnd)
        let price = basis == .time ? time : max(time, priceOfUse(meters))
        return tally.settled + price + priceOfTime(from: max(tally.since, allowanceEnd), to: end)
    }

    /// The price of the billing period that ends at `end`, in the currency's smallest units.
    func price(until end: Timestamp, _ meters: [MeterBalance], _ basis: ProrationBasis) -> Money {
        exactPrice(until: end, meters, basis).rounded(in: plan.currency)
    }

    /// The allowance that the time of the present allowance period has earned by `end`, by meter: of each stretch its share of the time, times
    /// its limit. Nothing of a suspension.
    func earned(by end: Timestamp, _ meters: [MeterBalance]) -> [Meter: Quantity] {
        guard status.isEntitled else { return tally.earned }
        let allowance = allowancePeriod(at: tally.since)
        let length = max(0, min(end, allowance.end).since(tally.since))
        var earned = tally.earned
        for balance in meters {
            guard let limit = balance.limit.quantity, limit > 0 else { continue }
            let share = Quantity(Int128(limit) * Int128(length) / Int128(max(1, allowance.length)))
            earned[balance.meter] = (earned[balance.meter] ?? 0).bounded(adding: share)
        }
        return earned
    }

    /// Adds the stretch that ends at `now` to the tally, by the balances at its end, and begins the next with `after`, the balances then.
    mutating func endStretch(at now: Timestamp, _ meters: [MeterBalance], beginningWith after: [MeterBalance]) {
        let end = min(now, allowancePeriod(at: tally.since).end)
        (tally.earned, tally.use) = (earned(by: end, meters), priceOfUse(meters))
        tally.time += priceOfTime(from: tally.since, to: end)
        tally.begin(at: now, after)
    }

    /// Ends the present allowance period at `end`, within the billing period.
    mutating func endAllowance(at end: Timestamp, _ meters: [MeterBalance], _ basis: ProrationBasis) {
        tally.settled = exactPrice(until: end, meters, basis)
    }
}

extension Money {
    /// `self × part ÷ whole`, exact until it is rounded to the nearest 10⁻¹⁰. No number is below 0, and `whole` is above 0.
    func exactShare(_ part: Int64, of whole: Int64) -> Money {
        let product = units.multipliedFullWidth(by: Int128(part))
        let (sum, carries) = product.low.addingReportingOverflow(UInt128(whole / 2))
        let quotient = Int128(whole).dividingFullWidth((product.high + (carries ? 1 : 0), sum)).quotient
        return Money(units: quotient)
    }
}
