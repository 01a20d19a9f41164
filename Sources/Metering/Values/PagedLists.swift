/// A list that is read page by page: its value says which items the list has, and a key after which item a page begins.
package protocol PagedList: Sendable {
    associatedtype Item: Sendable
    /// Orders the items. An item's key never changes, so that a page can begin after an item that is gone.
    associatedtype Key: Sendable

    func key(of item: Item) -> Key
}

/// The key of an item in a list that goes from the newest item to the oldest: items of one instant are ordered by their ids, downwards.
package struct TimedKey<ID: Identifier>: Hashable, Sendable {
    package let at: Timestamp
    package let id: ID

    package init(at: Timestamp, id: ID) {
        self.at = at
        self.id = id
    }
}

/// A user's events, from the newest to the oldest.
package struct EventList: PagedList {
    package let user: UserID
    /// When an event happened.
    package let range: TimeRange
    /// Nil: of every meter.
    package let meter: Meter?

    package init(of user: UserID, in range: TimeRange, meter: Meter?) {
        self.user = user
        self.range = range
        self.meter = meter
    }

    package func key(of event: RecordedEvent) -> TimedKey<EventID> { TimedKey(at: event.at, id: event.id) }
}

/// The events of a shop with one reference, from the newest to the oldest.
package struct ReferenceList: PagedList {
    package let reference: String

    package init(of reference: String) { self.reference = reference }

    package func key(of event: RecordedEvent) -> EventPlace { EventPlace(at: event.at, user: event.user, event: event.id) }
}

/// The place of an event among all of a shop, by its time.
package struct EventPlace: Hashable, Sendable {
    package let at: Timestamp
    package let user: UserID
    package let event: EventID

    package init(at: Timestamp, user: UserID, event: EventID) {
        self.at = at
        self.user = user
        self.event = event
    }
}

/// What was counted of API calls, from the last user, day and endpoint to the first: all of the shop's, or those of a user.
package struct ConsumptionList: PagedList {
    package let user: UserID?
    package let first: CivilDay?
    package let last: CivilDay?

    package init(of user: UserID?, from first: CivilDay?, to last: CivilDay?) {
        self.user = user
        self.first = first
        self.last = last
    }

    package func key(of entry: ConsumptionEntry) -> ConsumptionEntry.Place { entry.place }
}

/// Reservations, from the newest to the oldest: all of the shop's, or those of a user or in a state.
package struct ReservationList: PagedList {
    package let user: UserID?
    package let state: ReservationState?

    package init(of user: UserID?, state: ReservationState?) {
        self.user = user
        self.state = state
    }

    package func key(of reservation: Reservation) -> TimedKey<ReservationID> { TimedKey(at: reservation.createdAt, id: reservation.id) }
}

/// Invoices, from the newest to the oldest: all of the shop's, or those of a user or with a status.
package struct InvoiceList: PagedList {
    package let user: UserID?
    package let status: InvoiceStatus?
    /// The time at which it is asked what is overdue; nil: as the job has noted it.
    package let now: Timestamp?

    package init(of user: UserID?, status: InvoiceStatus?, at now: Timestamp? = nil) {
        self.user = user
        self.status = status
        self.now = now
    }

    package func key(of invoice: Invoice) -> TimedKey<InvoiceNumber> { TimedKey(at: invoice.issuedAt, id: invoice.number) }
}

/// Transactions, from the newest to the oldest: all of the shop's, or those of a user.
package struct TransactionList: PagedList {
    package let user: UserID?

    package init(of user: UserID?) { self.user = user }

    package func key(of transaction: RecordedTransaction) -> TimedKey<TransactionID> {
        TimedKey(at: transaction.transaction.at, id: transaction.id)
    }
}

/// Credit notes, from the newest to the oldest: all of the shop's, or those of a user or an invoice.
package struct CreditNoteList: PagedList {
    package let user: UserID?
    package let invoice: InvoiceNumber?

    package init(of user: UserID?, invoice: InvoiceNumber?) {
        self.user = user
        self.invoice = invoice
    }

    package func key(of note: CreditNote) -> TimedKey<CreditNoteNumber> { TimedKey(at: note.issuedAt, id: note.number) }
}

/// Billing errors, from the newest to the oldest.
package struct BillingErrorList: PagedList {
    /// Nil: resolved ones and others.
    package let isResolved: Bool?

    package init(isResolved: Bool?) { self.isResolved = isResolved }

    package func key(of error: BillingError) -> TimedKey<ChargeID> { TimedKey(at: error.createdAt, id: error.id) }
}

/// The events of Stripe that were received, from the last to the first: all of the shop's, or those of a user or with an outcome.
package struct StripeEventList: PagedList {
    package let user: UserID?
    package let outcome: StripeOutcome?

    package init(of user: UserID?, outcome: StripeOutcome?) {
        self.user = user
        self.outcome = outcome
    }

    package func key(of event: ReceivedStripeEvent) -> TimedKey<StripeEventID> { TimedKey(at: event.receivedAt, id: event.id) }
}

/// The entries of a wallet, from the last to the first.
package struct WalletEntryList: PagedList {
    package let owner: WalletOwner

    package init(of owner: WalletOwner) { self.owner = owner }

    package func key(of entry: WalletEntry) -> Int64 { entry.number }
}

/// Charges that were paid, as entries of the wallets that paid them, from the newest to the oldest: all of the shop's, or those of a user.
package struct ChargeList: PagedList {
    package let user: UserID?

    package init(of user: UserID?) { self.user = user }

    package func key(of entry: WalletEntry) -> TimedKey<ChargeID> {
        TimedKey(at: entry.at, id: entry.charge?.id ?? ChargeID(stored: ""))
    }
}

/// Subscriptions, from the oldest to the newest: all of the shop's, or those with a status or on a plan.
package struct SubscriptionList: PagedList {
    package let status: SubscriptionStatus?
    package let plan: PlanName?

    package init(status: SubscriptionStatus?, plan: PlanName?) {
        self.status = status
        self.plan = plan
    }

    package func key(of subscription: Subscription) -> SubscriptionID { subscription.id }
}

/// The labels of a dimension's values, in the order of the values' bytes.
package struct LabelList: PagedList {
    package let dimension: String

    package init(of dimension: String) { self.dimension = dimension }

    package func key(of label: Label) -> String { label.value }
}

/// The kept analytics of the days from `from` to `to`, both included, in order. A bound that is nil leaves the list open.
package struct AnalyticsDayList: PagedList {
    package let from: CivilDay?
    package let to: CivilDay?

    package init(from: CivilDay?, to: CivilDay?) {
        self.from = from
        self.to = to
    }

    package func key(of day: AnalyticsDay) -> CivilDay { day.day }
}

/// The API keys of a shop, in the order of their ids.
package struct KeyList: PagedList {
    package init() {}

    package func key(of key: APIKey) -> KeyID { key.id }
}

/// Purchases, from the newest to the oldest: all of the shop's, or those of a user.
package struct PurchaseList: PagedList {
    package let user: UserID?

    package init(of user: UserID?) { self.user = user }

    package func key(of purchase: Purchase) -> TimedKey<PurchaseID> { TimedKey(at: purchase.at, id: purchase.id) }
}

/// Voids of events, from the newest to the oldest: all of the shop's, or those of a user.
package struct VoidList: PagedList {
    package let user: UserID?

    package init(of user: UserID?) { self.user = user }

    package func key(of void: EventVoid) -> TimedKey<VoidID> { TimedKey(at: void.at, id: void.id) }
}

/// Adjustments, from the newest to the oldest: all of the shop's, or those of a user.
package struct AdjustmentList: PagedList {
    package let user: UserID?

    package init(of user: UserID?) { self.user = user }

    package func key(of adjustment: Adjustment) -> TimedKey<AdjustmentID> { TimedKey(at: adjustment.at, id: adjustment.id) }
}

/// Changes that were made, from the newest to the oldest: all of the shop's, or those about a user or of one kind.
package struct AuditList: PagedList {
    package let user: UserID?
    package let action: AuditAction?

    package init(of user: UserID?, action: AuditAction?) {
        self.user = user
        self.action = action
    }

    package func key(of entry: RecordedAuditEntry) -> TimedKey<AuditEntryID> { TimedKey(at: entry.entry.at, id: entry.id) }
}

/// Calls of models, from the newest to the oldest: all of the shop's, or those of a user.
package struct CallList: PagedList {
    package let user: UserID?
    package let range: TimeRange

    package init(of user: UserID?, in range: TimeRange) {
        self.user = user
        self.range = range
    }

    package func key(of call: RecordedCall) -> TimedKey<CallID> { TimedKey(at: call.at, id: call.id) }
}
