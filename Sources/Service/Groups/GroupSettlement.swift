internal import Metering
internal import Store

/// The part of the database on which a group's settlement rests.
struct GroupBasis {
    /// The accounts of the commands as stored, in their current periods; an account that is not there is to be opened.
    var accounts: [AccountKey: Account]
    /// The plan of a new account, for each shop in which one is to be opened.
    var freePlans: [Tenant: Plan]
    /// The reservations that commands name, as far as they exist.
    var reservations: [ReservationKey: Reservation]
    /// The purchases that commands name, as far as they exist.
    var purchases: [PurchaseKey: Purchase]
    /// The meters of classes of tokens that the plans of calls' users have.
    var classMeters: [AccountKey: Set<Meter>] = [:]
    /// Holds past their time, to be ended first.
    var overdue: [ReservationKey] = []

    /// The account of a command: as stored, or opened for it.
    fileprivate func account(of command: AccountCommand, at now: ShopTimes) throws -> Account {
        if let stored = accounts[command.account] { return stored }
        let tenant = command.account.tenant
        guard let free = freePlans[tenant] else { throw ServiceError.fault("The plan of a new account was not read.") }
        return .opened(for: command.account.user, free: free, at: now.of(tenant), covering: command.usage?.opensFrom)
    }
}

/// A group of commands settled in order against their accounts: the documents to store, and the answer of each command. No I/O.
struct GroupSettlement {
    enum Settled {
        case done(AccountOutcome)
        /// The command is refused, unless its event was recorded before: then that is the answer.
        case refused(ServiceError)
        /// The reservation is committed already, by this event.
        case repeats(EventKey)
    }

    let basis: GroupBasis
    let enforcement: Enforcement
    let now: ShopTimes
    private var accounts: [AccountKey: Account] = [:]
    private var touched: Set<AccountKey> = []
    /// The accounts of which more changed than their events say.
    private var stepped: Set<AccountKey> = []
    var reservations: [ReservationKey: Reservation] = [:]
    /// Events of this group by their ids, for those that come again within it.
    var leaders: [EventKey: RecordedEvent] = [:]
    /// New events in order.
    var events: [(tenant: Tenant, event: RecordedEvent)] = []
    var purchases: [PurchaseKey: Purchase] = [:]
    /// What endpoints are told of the events, by shop; mostly nothing.
    private(set) var causes: [Tenant: [WebhookCause]] = [:]
    private(set) var settled: [Settled] = []
    /// What `check` says of the commands that are refused for want of an allowance, by their places.
    private(set) var refusals: [Int: Refusal] = [:]

    init(_ commands: [AccountCommand], on basis: GroupBasis, enforcement: Enforcement, at now: ShopTimes) throws {
        self.basis = basis
        self.enforcement = enforcement
        self.now = now
        for command in commands where accounts[command.account] == nil {
            accounts[command.account] = try basis.account(of: command, at: now)
        }
        for key in basis.overdue { expire(key) }
        settled.reserveCapacity(commands.count)
        for (index, command) in commands.enumerated() {
            let outcome = settle(command)
            if case .refused(.usage(.limitExceeded)) = outcome { refusals[index] = refusal(of: command) }
            settled.append(outcome)
        }
    }

    private mutating func settle(_ command: AccountCommand) -> Settled {
        switch command {
        case .record(let command): record(command)
        case .purchase(let command): purchase(command)
        case .hold(let command): hold(command)
        case .free(let command): free(command)
        case .call(let command): call(command)
        }
    }

    /// Changes an account by `body`; when `body` throws, the account stays as it was. `isStep`: whether its events do not say all of the change.
    mutating func change<Answer>(_ key: AccountKey, isStep: Bool = true, _ body: (inout Account) throws -> Answer) throws -> Answer {
        guard var account = accounts[key] else { throw ServiceError.fault("A command's account was not read.") }
        let answer = try body(&account)
        accounts[key] = account
        touched.insert(key)
        if isStep { stepped.insert(key) }
        return answer
    }

    private func refusal(of command: AccountCommand) -> Refusal? {
        guard let request = command.refusable, let account = accounts[command.account] else { return nil }
        let check = account.balance(of: request.meter).under(enforcement).explain(request.amount, status: nil)
        return Refusal(request.kind, of: request.id, by: command.account.user, check, at: now.of(command.account.tenant))
    }

    /// Notes what an event that was just settled on its account causes.
    mutating func noteCauses(of event: RecordedEvent, on key: AccountKey) {
        guard !event.settlement.alerts.isEmpty || event.settlement.remaining == 0 else { return }
        let available = accounts[key]?.balance(of: event.content.meter).under(enforcement).available
        causes[key.tenant, default: []] += WebhookCause.causes(of: event, available: available)
    }

    func reservation(_ key: ReservationKey) -> Reservation? { reservations[key] ?? basis.reservations[key] }
}

/// What is to be stored.
extension GroupSettlement {
    var isEmpty: Bool { touched.isEmpty }

    var newPurchases: [(tenant: Tenant, purchase: Purchase)] { purchases.map { ($0.key.tenant, $0.value) } }

    var auditEntries: [(tenant: Tenant, entry: AuditEntry)] {
        newPurchases.map { tenant, made in
            (
                tenant,
                AuditEntry(.purchase, by: made.author, user: made.content.user, target: made.id.rawValue, at: made.at)
            )
        }
    }

    var reservationChanges: [ReservationChange] {
        reservations.map { ReservationChange(tenant: $0.key.tenant, isNew: basis.reservations[$0.key] == nil, after: $0.value) }
    }

    /// The accounts whose documents are to be stored: new ones, those that took a step, and those that have `limit` events after their documents.
    /// Of the others the events are all that is stored.
    func changes(every limit: Int) -> [AccountChange] {
        touched.compactMap { key in
            guard let after = accounts[key] else { return nil }
            let (before, isStep) = (basis.accounts[key], stepped.contains(key))
            guard isStep || before == nil || after.version - after.checkpoint >= limit else { return nil }
            return AccountChange(
                tenant: key.tenant, before: before, after: after, step: isStep ? .balances : nil, at: now.of(key.tenant))
        }
    }

    /// Every how many entries of a log one keeps the account's state at least.
    static let keepsEvery: Int64 = 16

    /// The accounts whose states the last of their events is to keep: new ones, and those that came to another sixteen entries. A step keeps the
    /// account's by itself.
    var kept: [AccountKey: Account] {
        accounts.filter { key, after in
            guard touched.contains(key), !stepped.contains(key) else { return false }
            let before = basis.accounts[key]?.version ?? -1
            return before < 0 || before / Self.keepsEvery != after.version / Self.keepsEvery
        }
    }

    /// The touched accounts as they are once the events and `changes` are stored.
    func stored(_ changes: [AccountChange]) -> [AccountKey: Account] {
        let written = changes.map { (AccountKey(tenant: $0.tenant, user: $0.after.user), $0.stored) }
        return accounts.filter { touched.contains($0.key) }.merging(written) { $1 }
    }
}
