internal import Crypto
package import Metering
internal import Store

/// A void as it was made, with its first answer.
package struct VoidAnswer: Equatable, Sendable {
    package let void: EventVoid
    package let isDuplicate: Bool
}

extension VoidID {
    /// The id of the one void of an event that its client gives none: sent twice, it is made once.
    package init(of content: VoidContent) throws {
        self.init(stored: "void_" + Hex.text(try SHA256.hash("\(content.user)\0\(content.event)")))
    }
}

extension ShopMeter {
    /// Takes an event back, whole or in part, once for the void's id. Throws `conflict` where less of the event is left.
    package func voidEvent(_ id: VoidID, _ content: VoidContent, in tenant: Tenant) async throws -> VoidAnswer {
        let now = try await now(of: tenant)
        return try await accountMutex.withLock(AccountKey(tenant: tenant, user: content.user)) {
            try await self.retryingDuplicates {
                try await self.issuingTransaction(of: tenant) { transaction in
                    if let first = try EventVoids.find(id, of: tenant, transaction) {
                        guard first.content == content else {
                            throw ServiceError.idempotencyConflict("The void \(id) was made with other content.")
                        }
                        return VoidAnswer(void: first, isDuplicate: true)
                    }
                    let void = try Voiding(id: id, content: content, tenant: tenant, settings: self.settings, now: now).run(in: transaction)
                    return VoidAnswer(void: void, isDuplicate: false)
                }
            }
        }
    }
}

/// One void, in the transaction that stores it.
private struct Voiding {
    let id: VoidID
    let content: VoidContent
    let tenant: Tenant
    let settings: Settings
    let now: Timestamp

    func run(in transaction: Transaction) throws -> EventVoid {
        let event = try event(transaction)
        let amount = content.amount ?? event.kept
        guard amount > 0, amount <= event.kept else {
            throw ServiceError.conflict(
                "The event \(event.id) has \(event.content.amount), of which \(event.voided) are void: \(content.amount ?? 0) cannot be.")
        }
        var loaded = try LoadedBillingState(
            of: content.user, tenant: tenant, settings: settings, at: now, movingInvoices: true, transaction)
        let credit = try credit(for: event, loaded.state.account.overageBound(ofLast: amount, of: event), transaction)
        let returned = try giveBack(event, amount, credit, in: &loaded, transaction)
        if let credit, credit.amount > .zero { try loaded.grant(credit.grant(to: event.user, of: event.id), in: transaction) }
        let account = loaded.state.account
        let void = EventVoid(
            id: id, content: content, meter: event.content.meter, amount: amount, voided: event.voided + amount,
            eventPeriod: event.periodNumber, periodNumber: account.periodNumber, returned: returned, credit: credit,
            by: Author.current.actor,
            at: loaded.now, balance: account.under(settings.enforcement).balanceAfter(of: event.content.meter))
        try loaded.save(in: transaction)
        try EventVoids.insert(void, of: tenant, in: transaction)
        try settings.outbox.tell([.eventVoided(void)], of: tenant, at: void.at, in: transaction)
        try UsageEvents.note(void, of: event, in: tenant, transaction)
        try AuditTrail.note(.void, event.id.rawValue, about: event.user, at: void.at, of: tenant, in: transaction)
        return void
    }

    private func event(_ reading: Reading) throws -> RecordedEvent {
        let key = EventKey(account: AccountKey(tenant: tenant, user: content.user), event: content.event)
        guard let event = try UsageEvents.find([key], reading)[key] else {
            throw ServiceError.notFound("The user \(content.user) has no event \(content.event).")
        }
        return event
    }

    /// The part of the debt that was billed as overage; nil where none was.
    private func credit(for event: RecordedEvent, _ debt: Quantity, _ reading: Reading) throws -> VoidCredit? {
        guard debt > 0 else { return nil }
        let meter = event.content.meter
        let invoices = try Invoices.ofPeriod(event.periodNumber, of: event.user, in: tenant, reading)
        let billed = try BilledOverage(of: event, in: invoices) {
            try EventVoids.credits(for: meter, onInvoice: $0, of: event.user, in: tenant, reading)
        }
        return billed?.credit(forDebt: debt)
    }

    private func giveBack(
        _ event: RecordedEvent, _ amount: Quantity, _ credit: VoidCredit?, in loaded: inout LoadedBillingState, _ reading: Reading
    ) throws -> Returned {
        let account = loaded.state.account
        var peaks = PeaksBeside()
        if account.isPeakOfDay(event) { peaks.day = try UsageEvents.peak(beside: event, onItsDayOf: account, in: tenant, reading) }
        if account.isPeak(event) { peaks.lifetime = try UsageEvents.peak(beside: event, in: tenant, reading) }
        do {
            return try loaded.state.void(
                event, amount, billed: credit?.overage ?? 0, peaks: peaks, enforcement: settings.enforcement)
        } catch {
            throw ServiceError.usage(error)
        }
    }
}

extension VoidCredit {
    fileprivate func grant(to user: UserID, of event: EventID) -> CreditGrant {
        CreditGrant(user: user, amount: amount, currency: currency, reason: "The event \(event) was voided: \(overage) of its overage")
    }
}
