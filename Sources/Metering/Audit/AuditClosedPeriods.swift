/// Closed periods: what each was given by the one before and by its events, and what the rule of carrying over made of it.
extension Audit {
    mutating func compare(_ meter: Meter, at close: ClosedPeriod, carriedOver: Int128) {
        let place = "period \(close.number) \(meter)"
        let sums = log[meter, in: close.number]
        var balance = close.balances.first { $0.meter == meter } ?? MeterBalance(meter: meter, limit: .of(0))
        compareParts(of: sums, place)
        expect("\(place).used", sums.fromSubscription, balance.used)
        expect("\(place).rollover", carriedOver - sums.fromRolloverAndDebt, balance.rollover)
        // A number that cannot be is told of above, and has nothing to carry over.
        guard balance.isPossible else { return }
        balance.carryOver()
        let overage = close.overage(of: meter)
        if overage != 0 { expect("\(place).overage", max(0, -balance.rollover), overage) }
        expect("\(place).carried_over", Int128(balance.rollover) + Int128(overage), close.carriedOver(of: meter))
    }

    /// The tokens of the period, and of each meter what its allowance gave.
    mutating func compareSummary(of close: ClosedPeriod) {
        let place = "period \(close.number) summary"
        let tokens = log[.tokens, in: close.number].tally
        compare(("\(place) tokens", "\(place) queries", "\(place) peak_tokens"), tokens, close.summary.totals)
        for meter in close.summary.meters {
            expect("\(place) \(meter.meter).used", log[meter.meter, in: close.number].fromSubscription, meter.used)
        }
    }

    /// The account keeps the last summaries as their closes have them.
    mutating func compareSummaries() {
        let closes = log.closes.suffix(Account.maximumSummaries)
        guard closes.count == account.summaries.count else { return expect("monthly_summary", closes.count, account.summaries.count) }
        for (close, summary) in zip(closes, account.summaries) where close.summary != summary {
            differ("monthly_summary of period \(close.number)", expected: "as it was closed", actual: "another")
        }
    }
}

extension ClosedPeriod {
    func carriedOver(of meter: Meter) -> Quantity { summary.meters.first { $0.meter == meter }?.carriedOver ?? 0 }

    func overage(of meter: Meter) -> Quantity { summary.meters.first { $0.meter == meter }?.overage ?? 0 }
}

extension MeterBalance {
    /// Whether the rules can compute with it: no number of theirs is larger.
    fileprivate var isPossible: Bool {
        [limit.quantity ?? 0, rolloverCap ?? 0, used, rollover].allSatisfy { $0.magnitude <= Quantity.largest.magnitude }
    }
}
