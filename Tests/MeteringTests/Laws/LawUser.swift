@testable import Metering

/// A user as a shop sees one: what is used, which invoices come, what is paid. It keeps its own books of time, use and money, by what goes in and comes
/// out of the rules, and not by their formulas.
struct LawUser {
    let setting: LawSetting
    var state: BillingState
    var invoices: [Invoice] = []
    private var created = 0
    private(set) var paid = Money.zero
    private(set) var refunded = Money.zero
    private(set) var hasRefunded = false
    private(set) var granted = Money.zero
    /// The fees of the time that passed while it was paid for, each by its share.
    private(set) var timeCost = Money.zero
    private(set) var roundings = 2
    /// Tokens taken from an allowance of a paid plan, and those carried over from one or paid debt with.
    private(set) var taken: Int128 = 0
    /// The tokens of the allowance that a free month gave, by the month.
    private(set) var free: [Timestamp: Int128] = [:]
    /// Tokens that overflowed while a plan with an overage price was paid for.
    private(set) var overflowed: Int128 = 0
    private(set) var trials = 0
    private var closes = 0
    private var payments = 0
    private var mistaken: RecordedEvent?

    init(_ setting: LawSetting) {
        self.setting = setting
        state = BillingState(
            account: account(LawSetting.free, at: LawSetting.start, version: 1), subscription: nil, basis: setting.basis)
    }

    var live: Subscription? { state.subscription.flatMap { $0.isLive ? $0 : nil } }
    private var isPaid: Bool { live.map { $0.status == .active || $0.status == .pastDue } ?? false }

    /// Lets time pass from `before` to `now`, from one end of a period to the next.
    mutating func pass(from before: Timestamp, to now: Timestamp) {
        var at = before
        while at < now {
            let next = min(now, state.account.period.end)
            if isPaid, let live {
                let whole = live.cycle.period(from: live.period.start, anchor: live.anchor).length
                timeCost += live.plan.fee(for: live.cycle).exactShare(next.since(at), of: whole)
            }
            at = next
            settle { state in _ = state.closeDuePeriods(at: at, free: LawSetting.free) }
        }
    }

    mutating func take(_ step: LawStep, at now: Timestamp) {
        switch step {
        case .create(let plan, let cycle): create(setting.plans[plan], cycle, at: now)
        case .change(let plan): change(setting.plans[plan], .change, live?.cycle, at: now)
        case .changeCycle(let cycle): live.map { change($0.plan, .change, cycle, at: now) }
        case .renew: live.map { change($0.plan, .renew, $0.cycle, at: now) }
        case .schedule(let plan):
            guard let live else { return }
            let pending = PendingChange(action: .change, plan: setting.plans[plan], cycle: live.cycle, by: .system)
            apply(at: now) { subscription throws(InvalidTransition) in try subscription.schedule(pending, at: now) }
        case .reset: settle { state in try? state.reset(at: now, free: LawSetting.free) }
        case .suspend: apply(at: now) { step throws(InvalidTransition) in try step.suspend(reason: "r", by: .system, at: now) }
        case .resume: apply(at: now) { step throws(InvalidTransition) in try step.resume(by: .system, at: now) }
        case .cancelNow: apply(at: now) { step throws(InvalidTransition) in try step.cancel(.now, by: .system, at: now) }
        case .cancelAtEnd: apply(at: now) { step throws(InvalidTransition) in try step.cancel(.periodEnd, by: .system, at: now) }
        case .use(let amount, let enforce): use(amount, enforce, at: now)
        case .pay: pay(at: now)
        case .refund: refund(at: now)
        case .mistake(let amount): mistake(amount, at: now)
        case .takeBack: takeBack(at: now)
        case .wait: break
        }
    }

    private mutating func mistake(_ amount: Quantity, at now: Timestamp) {
        let content = UsageContent(amount: amount)
        guard let settlement = try? state.account.record(content, at: now, enforce: false) else { return }
        state.account.version += 1
        mistaken = RecordedEvent(
            id: EventID(stored: "mistake"), user: user, content: content, at: now, recordedAt: now,
            periodNumber: state.account.periodNumber, settlement: settlement, sequence: state.account.version)
    }

    /// Whether a mistake was taken back while its period was open.
    private(set) var hasTakenBack = false

    /// Whether a mistake counts that can be taken back in its period.
    var isMistaken: Bool { mistaken?.periodNumber == state.account.periodNumber }

    private mutating func takeBack(at now: Timestamp) {
        guard let event = mistaken, event.periodNumber == state.account.periodNumber else { return }
        let bills = invoices.filter { $0.bill.periodNumber == event.periodNumber }
        let bound = state.account.overageBound(ofLast: event.kept, of: event)
        let credit = BilledOverage(of: event, in: bills) { _ in [] }?.credit(forDebt: bound)
        settle { state in
            _ = try? state.void(event, event.kept, billed: credit?.overage ?? 0)
            guard let credit, credit.amount > .zero else { return }
            state.grant(CreditGrant(user: event.user, amount: credit.amount, currency: credit.currency, reason: "void"), at: now)
        }
        (hasTakenBack, mistaken) = (true, nil)
    }

    private mutating func create(_ plan: Plan, _ cycle: BillingCycle, at now: Timestamp) {
        guard live == nil else { return change(plan, .change, cycle, at: now) }
        var (plan, former) = (plan, state.subscription)
        if trials > 0 { plan.trialDays = 0 }
        if plan.trialDays > 0 { trials += 1 }
        created += 1
        var subscription = Subscription.created(
            id: SubscriptionID(stored: "s\(created)"), user: user, plan: plan, cycle: cycle, by: .system, at: now)
        let last = former
        if var emptied = former {
            subscription.takeCredit(from: &emptied)
            former = emptied
        }
        settle { state in state.start(subscription, after: last, at: now, free: LawSetting.free) }
    }

    private mutating func change(_ plan: Plan, _ action: ChangeAction, _ cycle: BillingCycle?, at now: Timestamp) {
        guard live != nil, let cycle else { return }
        settle { state in
            try? state.change(to: plan, action: action, cycle: cycle, by: .system, at: now, free: LawSetting.free)
        }
    }

    private mutating func apply(at now: Timestamp, _ body: (inout Subscription) throws(InvalidTransition) -> Void) {
        settle { state in try? state.apply(at: now, free: LawSetting.free, body) }
    }

    private mutating func use(_ amount: Quantity, _ enforce: Bool, at now: Timestamp) {
        guard let done = try? state.account.record(UsageContent(amount: amount), at: now, enforce: enforce) else { return }
        count(fromAllowance: done.breakdown.fromSubscription)
        if isPaid, let live, live.plan.overagePrices[.tokens] != nil, live.periodTerms != nil {
            overflowed += Int128(done.breakdown.overflowToDebt)
        }
    }

    private mutating func count(fromAllowance amount: Quantity) {
        guard let live, live.status.isEntitled else {
            free[Period.calendarMonth(of: state.account.period.start).start, default: 0] += Int128(amount)
            return
        }
        if live.periodTerms != nil, live.plan.tokens.quantity != nil { taken += Int128(amount) }
    }

    /// Runs the rules and writes what comes of them into the books.
    private mutating func settle(_ rules: (inout BillingState) -> Void) {
        let wasPaidFor = live.map { $0.status.isEntitled && $0.periodTerms != nil } ?? false
        let isEntitled = live?.status.isEntitled ?? false
        state.invoices = invoices.filter(\.isOpen)
        state.outcomes = []
        rules(&state)
        for close in state.account.closed.dropFirst(closes) {
            let meter = close.summary.meters.first { $0.meter == .tokens }
            let before = close.balances.first { $0.meter == .tokens }
            guard let meter, let before else { continue }
            let gained = max(0, meter.carriedOver - before.rollover - meter.overage)
            if wasPaidFor { taken += Int128(gained) }
            if !isEntitled { free[Period.calendarMonth(of: close.summary.period.start).start, default: 0] += Int128(gained) }
        }
        closes = state.account.closed.count
        for outcome in state.outcomes { write(outcome) }
    }

    private mutating func write(_ outcome: BillingOutcome) {
        roundings += 2
        switch outcome {
        case .bill(let bill):
            let number = InvoiceNumber(stored: "F\(invoices.count)")
            invoices.append(.issued(bill, as: number, at: state.account.period.start, dueAfterDays: 14))
        case .credit(let grant): granted += grant.amount
        case .moved(_, let after): invoices.firstIndex { $0.number == after.number }.map { invoices[$0] = after }
        }
    }

    /// Pays the oldest open invoice, or every other time the newest.
    private mutating func pay(at now: Timestamp) {
        payments += 1
        let open = invoices.indices.filter { invoices[$0].isOpen }
        guard let index = payments.isMultiple(of: 2) ? open.last : open.first else { return }
        paid += invoices[index].total
        _ = try? invoices[index].pay("p", at: now)
    }

    private mutating func refund(at now: Timestamp) {
        guard let index = invoices.lastIndex(where: { $0.status == .paid && $0.total > .zero }), live != nil else { return }
        let amount = invoices[index].refundable
        guard (try? invoices[index].refund(nil, as: RefundID(stored: "r"), at: now)) != nil else { return }
        (refunded, hasRefunded) = (refunded + amount, true)
        let (credit, currency) = (invoices[index].creditReturned, invoices[index].bill.currency)
        settle { state in state.returnCredit(credit, in: currency, at: now) }
    }
}
