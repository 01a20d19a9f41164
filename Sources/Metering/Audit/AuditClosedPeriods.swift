/// Closed periods: the balances of each come from the period before and from its events, and what is carried over comes of them by the
/// rule.
extension Audit {
    mutating func compare(_ meter: Meter, at close: ClosedPeriod, carriedOver: Int128) {
        let field = "period \(close.number) \(meter)"
        let (sums, corrected) = (log[meter, in: close.number], log.correction(of: meter, in: close.number))
        var balance = close.balances.first { $0.meter == meter } ?? MeterBalance(meter: meter, limit: .of(0))
        compareParts(of: sums, field)
        expect("\(field).used", sums.fromSubscription + Int128(balance.opening) + corrected.used, balance.used)
        let changed = forgiven(of: meter, in: close.number) + corrected.rollover
        expect("\(field).rollover", carriedOver - sums.fromRolloverAndDebt + changed, balance.rollover)
        // A number that no rule can make was told above, and computing with it could overflow.
        guard balance.isPossible else { return }
        let overage = close.overage(of: meter)
        if overage < 0 || overage > max(0, -balance.rollover) {
            differ("\(field).overage", expected: "at most the debt of \(max(0, -balance.rollover))", actual: "\(overage)")
        }
        balance.rollover += overage
        balance.carryOver(earned: close.earned(of: meter))
        expect("\(field).carried_over", balance.rollover, close.carriedOver(of: meter))
    }

    /// The summary's totals of tokens, and each meter's use of its limit.
    mutating func compareSummary(of close: ClosedPeriod) {
        let field = "period \(close.number) summary"
        let tokens = log[.tokens, in: close.number].counted
        compare(("\(field) tokens", "\(field) queries", "\(field) peak_tokens"), tokens, close.summary.totals)
        for meter in close.summary.meters {
            let opening = close.balances.first { $0.meter == meter.meter }?.opening ?? 0
            let corrected = log.correction(of: meter.meter, in: close.number)
            let used = log[meter.meter, in: close.number].fromSubscription + Int128(opening) + corrected.used
            expect("\(field) \(meter.meter).used", used, meter.used)
        }
    }

    /// The account's summaries are those of the last closed periods.
    mutating func compareSummaries() {
        let closes = log.closes.suffix(Account.maximumSummaries)
        guard closes.count == account.summaries.count else { return expect("monthly_summary", closes.count, account.summaries.count) }
        for (close, summary) in zip(closes, account.summaries) where close.summary != summary {
            differ("monthly_summary of period \(close.number)", expected: "as it was closed", actual: "another")
        }
    }
}

extension MeterBalance {
    /// Whether no number of the balance is beyond `Quantity.largest`, so that the rules can compute with it.
    fileprivate var isPossible: Bool {
        [limit.quantity ?? 0, rolloverCap ?? 0, used, rollover].allSatisfy { $0.magnitude <= Quantity.largest.magnitude }
    }
}
