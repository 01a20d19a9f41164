/// The log of one account (events, purchases, holds, closed periods, invoices), added up: an audit holds the account against it.
package struct AccountLog: Equatable, Sendable {
    /// A meter in one of the account's periods: an event counts in one of these.
    package struct MeterPeriod: Hashable, Sendable {
        package let meter: Meter
        package let period: Int64

        package init(_ meter: Meter, in period: Int64) {
            self.meter = meter
            self.period = period
        }
    }

    /// Sums over events. They are wider than a quantity, as what was bought and used up may be bought again and again.
    package struct Tally: Equatable, Sendable {
        package var amount: Int128 = 0
        package var count: Int128 = 0
        /// The largest amount.
        package var peak: Quantity = 0

        package init(amount: Int128 = 0, count: Int128 = 0, peak: Quantity = 0) {
            self.amount = amount
            self.count = count
            self.peak = peak
        }

        mutating func add(_ other: Tally) {
            amount += other.amount
            count += other.count
            peak = max(peak, other.peak)
        }
    }

    /// Sums over the events of a meter in a period, with the sums of the parts of their breakdowns.
    package struct Sums: Equatable, Sendable {
        /// As they were recorded.
        package var tally: Tally
        /// Without what was void when their period ended, or is now in the present one.
        package var counted: Tally
        /// Without what is void.
        package var kept: Tally
        package var fromSubscription: Int128
        /// The sum of `fromRollover` and of `overflowToDebt`: both lower the rollover.
        package var fromRolloverAndDebt: Int128
        package var fromPurchased: Int128

        package init(
            tally: Tally = Tally(), counted: Tally? = nil, kept: Tally? = nil, fromSubscription: Int128 = 0,
            fromRolloverAndDebt: Int128 = 0, fromPurchased: Int128 = 0
        ) {
            self.tally = tally
            self.counted = counted ?? tally
            self.kept = kept ?? tally
            self.fromSubscription = fromSubscription
            self.fromRolloverAndDebt = fromRolloverAndDebt
            self.fromPurchased = fromPurchased
        }

        package mutating func add(_ other: Sums) {
            tally.add(other.tally)
            counted.add(other.counted)
            kept.add(other.kept)
            fromSubscription += other.fromSubscription
            fromRolloverAndDebt += other.fromRolloverAndDebt
            fromPurchased += other.fromPurchased
        }
    }

    /// What voids and adjustments changed of a meter's balances in a period.
    package struct Correction: Equatable, Sendable {
        package var used: Int128
        package var rollover: Int128
        package var purchased: Int128

        package init(used: Int128 = 0, rollover: Int128 = 0, purchased: Int128 = 0) {
            self.used = used
            self.rollover = rollover
            self.purchased = purchased
        }

        package mutating func add(_ other: Correction) {
            used += other.used
            rollover += other.rollover
            purchased += other.purchased
        }
    }

    package var events: [MeterPeriod: Sums] = [:]
    /// By the period in which they took effect.
    package var corrections: [MeterPeriod: Correction] = [:]
    /// The closed periods, in order.
    package var closes: [ClosedPeriod] = []
    /// The sum of all purchases, by meter.
    package var purchased: [Meter: Int128] = [:]
    /// The sum of what open reservations hold, by meter.
    package var held: [Meter: Int128] = [:]
    /// The tokens of the present period's events, by the day on which they count (`Account.countingDay`).
    package var days: [CivilDay: Tally] = [:]
    package var bills = BillLog()
    /// The reason why a stored document of the user cannot be read; nil when all can.
    package var unreadable: String?

    package init() {}

    subscript(meter: Meter, in period: Int64) -> Sums { events[MeterPeriod(meter, in: period)] ?? Sums() }

    func correction(of meter: Meter, in period: Int64) -> Correction { corrections[MeterPeriod(meter, in: period)] ?? Correction() }
}
