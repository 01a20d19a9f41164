/// What the log says of one account.
package struct AccountLog: Equatable, Sendable {
    /// A meter in a period: where an event counts.
    package struct Place: Hashable, Sendable {
        package let meter: Meter
        package let period: Int64

        package init(_ meter: Meter, in period: Int64) {
            self.meter = meter
            self.period = period
        }
    }

    /// Sums over events. They are wider than a quantity: what was bought and used up may be bought again.
    package struct Tally: Equatable, Sendable {
        package var amount: Int128 = 0
        package var count: Int128 = 0
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

    /// Sums over the events of a place, with the parts of their breakdowns.
    package struct Sums: Equatable, Sendable {
        package var tally: Tally
        package var fromSubscription: Int128
        /// What rollover was lowered by: what was taken from it, and debt.
        package var fromRolloverAndDebt: Int128
        package var fromPurchased: Int128

        package init(
            tally: Tally = Tally(), fromSubscription: Int128 = 0, fromRolloverAndDebt: Int128 = 0, fromPurchased: Int128 = 0
        ) {
            self.tally = tally
            self.fromSubscription = fromSubscription
            self.fromRolloverAndDebt = fromRolloverAndDebt
            self.fromPurchased = fromPurchased
        }

        package mutating func add(_ other: Sums) {
            tally.add(other.tally)
            fromSubscription += other.fromSubscription
            fromRolloverAndDebt += other.fromRolloverAndDebt
            fromPurchased += other.fromPurchased
        }
    }

    package var events: [Place: Sums] = [:]
    /// In order.
    package var closes: [ClosedPeriod] = []
    /// What was bought, by meter.
    package var purchased: [Meter: Int128] = [:]
    /// What open reservations hold, by meter.
    package var held: [Meter: Int128] = [:]
    /// The current period's tokens on the days they count on (`Account.countingDay`).
    package var days: [CivilDay: Tally] = [:]
    package var bills = BillLog()
    /// What is wrong with a stored document of the user, when it cannot be read.
    package var unreadable: String?

    package init() {}

    subscript(meter: Meter, in period: Int64) -> Sums { events[Place(meter, in: period)] ?? Sums() }
}
