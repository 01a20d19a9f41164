@testable import Metering

/// Laws that hold after every step, whatever the model says.
extension TestedAccount {
    func brokenInvariant(_ step: AccountStep, _ outcome: AccountOutcome, before: BillingState) -> String? {
        for (number, meter) in Self.meters.enumerated() {
            let balance = state.account.balance(of: meter)
            if balance.purchased != bought[number] - drawnFromPurchased[number] {
                return "something but consumption moved what was purchased"
            }
            var held: Int64 = 0
            for reservation in reservations.values where reservation.meter == meter { held += reservation.held }
            if balance.reserved != held { return "\(balance.reserved) is reserved, and \(held) is held" }
            if min(balance.used, balance.purchased, balance.reserved) < 0 { return "a balance is below 0" }
        }
        if let event = events.last, outcome.taken != nil, event.taken.parts.reduce(0, +) != event.amount {
            return "the parts do not add up"
        }
        return brokenRefusal(outcome, before) ?? brokenCheck(step, outcome, before)
    }

    /// A refusal changes nothing.
    private func brokenRefusal(_ outcome: AccountOutcome, _ before: BillingState) -> String? {
        switch outcome {
        case .refused, .forbidden: state == before ? nil : "what was refused changed something"
        default: nil
        }
    }

    /// An event got what a check before it promised.
    private func brokenCheck(_ step: AccountStep, _ outcome: AccountOutcome, _ before: BillingState) -> String? {
        guard case .record(let meter, let amount, let enforce) = step else { return nil }
        let check = before.account.balance(of: Self.meters[meter]).under(enforcement).explain(amount, status: nil)
        guard let taken = outcome.taken else { return check.isAllowed ? "the check allowed what was refused" : nil }
        let promised = check.wouldTake
        if [promised.fromSubscription, promised.fromRollover, promised.fromPurchased, promised.overflowToDebt] != taken.parts {
            return "the check promised \(promised)"
        }
        if enforce, !check.isAllowed || amount > check.available ?? amount { return "more was allowed than there was" }
        return nil
    }

    /// In each period, the closed ones and the present one, the events add up to the balances, and each threshold was told once.
    var brokenLog: String? {
        let account = state.account
        let closed = account.closed.map { ($0.number, $0.balances, $0.summary.totals) }
        for (number, balances, totals) in closed + [(account.periodNumber, account.meters, account.periodTotals)] {
            for (meter, balance) in balances.enumerated() {
                let own = events.filter { $0.period == number && $0.meter == meter }
                let used = own.reduce(0) { $0 + $1.taken.parts[0] }
                if used != balance.used { return "period \(number) has \(balance.used) of \(balance.meter) used, its events \(used)" }
                let alerts = own.flatMap(\.taken.alerts)
                if alerts.count != Set(alerts).count { return "period \(number) told a threshold of \(balance.meter) twice: \(alerts)" }
                let tokens = own.reduce(0) { $0 + $1.amount }
                if balance.meter == .tokens, totals.tokens != tokens { return "period \(number) counts \(totals.tokens), not \(tokens)" }
            }
        }
        return nil
    }
}
