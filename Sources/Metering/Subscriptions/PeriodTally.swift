/// By what a shop prices a period that is cut short: by a cancellation, a suspension, a renewal, a reset, another plan or cycle.
package enum ProrationBasis: String, CaseIterable, Hashable, Sendable {
    /// The larger of its share of time, and the share of its allowance that was used.
    case timeOrUse = "time_or_use"
    /// Its share of time alone.
    case time
}

/// What a subscription's present period has come to before `since`, the last instant at which its terms changed. Within a period the plan may
/// change many times, and be suspended; each stretch under the same terms adds to these sums when it ends (`Subscription+Price.swift` has the
/// rules).
package struct PeriodTally: Equatable, Sendable {
    package var since: Timestamp
    /// The price of the allowance periods that are over within the billing period.
    package var settled = Money.zero
    /// The price of the present allowance period's time.
    package var time = Money.zero
    /// The price of what was used of the present allowance period.
    package var use = Money.zero
    /// The part of the period's price that changes have billed, less what was given back.
    package var billed = Money.zero
    /// The allowance that the present allowance period's time has earned, by meter.
    package var earned: [Meter: Quantity] = [:]
    /// U at `since`, by meter.
    package var used: [Meter: Quantity] = [:]
    /// Debt at `since`, by meter: it overflowed under other terms.
    package var debt: [Meter: Quantity] = [:]

    package init(since: Timestamp) { self.since = since }

    /// A tally that begins at `since` with what the balances are then.
    init(since: Timestamp, _ meters: [MeterBalance]) {
        self.since = since
        take(meters)
    }

    /// Begins a stretch under other terms at `now`.
    mutating func begin(at now: Timestamp, _ meters: [MeterBalance]) {
        since = max(since, now)
        take(meters)
    }

    /// Begins an allowance period at `now`, within the same billing period.
    mutating func beginAllowance(at now: Timestamp, _ meters: [MeterBalance]) {
        (time, use, earned) = (.zero, .zero, [:])
        begin(at: now, meters)
    }

    private mutating func take(_ meters: [MeterBalance]) {
        (used, debt) = ([:], [:])
        for balance in meters {
            if balance.used > 0 { used[balance.meter] = balance.used }
            if balance.rollover < 0 { debt[balance.meter] = -balance.rollover }
        }
    }
}

/// What was used of an allowance to which the user may come back before its period ends: of the plan while the subscription is suspended, of the
/// free plan while another one counts. Of a canceled subscription it is what was used and could not be billed, as the plan has no fee.
package struct ParkedUse: Equatable, Sendable {
    /// When the allowance's period ends; from then on the use counts no more.
    package let until: Timestamp
    package let used: [Meter: Quantity]

    package init(until: Timestamp, used: [Meter: Quantity]) {
        self.until = until
        self.used = used
    }
}
