import JSON
import Metering
import Service
import Web

/// A field of an export's rows: a column in a table, or several.
struct ExportColumn<Item>: Sendable {
    let name: String
    let schema: Schema
    /// Whether in a table each element has a row of its own. There is one such column at most.
    let isSpread: Bool
    let value: @Sendable (Item) -> JSON
    /// The value in a table.
    let tableValue: @Sendable (Item) -> JSON

    init(
        _ name: String, _ schema: Schema = .any, isSpread: Bool = false, inTables tableValue: (@Sendable (Item) -> JSON)? = nil,
        _ value: @escaping @Sendable (Item) -> JSON
    ) {
        self.name = name
        self.schema = schema
        self.isSpread = isSpread
        self.value = value
        self.tableValue = tableValue ?? value
    }

    /// Whether in a table each name has a column of its own.
    var isDimensions: Bool { name == "dimensions" }
}

extension Subscription {
    static let exportColumns: [ExportColumn<Subscription>] = [
        .init("subscription_id") { $0.id.json }, .init("user_id") { $0.user.json }, .init("plan_name") { $0.plan.name.json },
        .init("plan_display_name") { $0.plan.displayName.json }, .init("allocated_tokens") { $0.plan.tokens.json },
        .init("monthly_fee") { $0.plan.monthlyFee.json(in: $0.plan.currency) },
        .init("yearly_fee") { $0.plan.yearlyFee?.json(in: $0.plan.currency) ?? .null },
        .init("currency") { $0.plan.currency.json }, .init("status") { .string($0.status.rawValue) },
        .init("billing_cycle") { $0.cycle.json }, .init("current_period_start", .time) { $0.period.start.json },
        .init("current_period_end", .time) { $0.period.end.json }, .init("trial_end", .time) { $0.trialEnd.json },
        .init("cancel_at_period_end") { $0.cancelAtPeriodEnd.json }, .init("canceled_at", .time) { $0.canceledAt.json },
        .init("suspend_reason") { $0.suspendReason.json },
        .init("pending_change", PendingChange.schema) { $0.pending?.json(at: $0.period.end) ?? .null },
        .init("plan_history", .array(of: .any)) { subscription in
            .array(subscription.history.map { $0.json(in: subscription.plan.currency) })
        }, .init("created_at", .time) { $0.createdAt.json },
    ]
}

extension Account {
    static let exportColumns: [ExportColumn<Account>] = [
        .init("user_id") { $0.user.json }, .init("plan_name") { $0.plan.json }, .init("subscription_id") { $0.subscription.json },
        .init("current_period_start", .time) { $0.period.start.json }, .init("current_period_end", .time) { $0.period.end.json },
        .init("total_tokens") { $0.lifetime.shownTokens.json }, .init("total_queries") { $0.lifetime.queries.json },
        .init("peak_tokens") { $0.lifetime.peak.json },
        .init("balances", .map(values: MeterBalance.schema), isSpread: true) {
            .object(JSON.Object($0.meters, key: \.meter.rawValue, value: \.json))
        },
        .init("daily_usage", .array(of: .any)) { .array($0.daily.map(\.json)) },
        .init("monthly_summary", .array(of: .any)) { .array($0.summaries.map(\.json)) },
    ]
}

extension RecordedEvent {
    static let exportColumns: [ExportColumn<RecordedEvent>] = [
        .init("event_id") { $0.id.json }, .init("user_id") { $0.user.json }, .init("meter") { $0.content.meter.json },
        .init("amount") { $0.content.amount.json }, .init("occurred_at", .time) { $0.at.json },
        .init("recorded_at", .time) { $0.recordedAt.json },
        .init("reference_id") { $0.content.referenceID.json }, .init("description") { $0.content.description.json },
        .init("dimensions", .map(values: .string(0...256))) { $0.dimensions },
        .init("breakdown", Breakdown.schema) { $0.settlement.breakdown.json },
        .init("used") { $0.settlement.used.json }, .init("limit") { $0.settlement.limit.json },
        .init("remaining") { $0.settlement.remaining.json }, .init("reservation_id") { ($0.commitment?.reservation).json },
        .init("voided") { $0.voided.json }, .init("counted_in", countedInField.schema) { $0.countedInJSON },
        .init("details", .map(values: .any)) { $0.details },
    ]
}

extension Invoice {
    static let exportColumns: [ExportColumn<Invoice>] = [
        .init("number") { $0.number.json }, .init("user_id") { $0.bill.user.json },
        .init("subscription_id") { $0.bill.subscription.json }, .init("kind") { .string($0.bill.kind.rawValue) },
        .init("status") { .string($0.status.rawValue) }, .init("plan_name") { $0.bill.plan.json },
        .init("plan_display_name") { $0.bill.planDisplayName.json }, .init("currency") { $0.bill.currency.json },
        .init("total") { $0.total.json(in: $0.bill.currency) }, .init("issued_at", .time) { $0.issuedAt.json },
        .init("due_at", .time) { $0.dueAt.json },
        .init("paid_at", .time) { $0.paidAt.json }, .init("payment_reference") { $0.paymentReference.json },
        .init("refunded") { $0.refunded.json(in: $0.bill.currency) },
        .init("period_start", .time) { $0.bill.lines.map(\.period.start).min().json },
        .init("period_end", .time) { $0.bill.lines.map(\.period.end).max().json },
        .init("lines", .array(of: InvoiceLine.schema), isSpread: true) { invoice in
            .array(invoice.bill.lines.map { $0.json(in: invoice.bill.currency) })
        },
        .init("subtotal") { $0.subtotal.json(in: $0.bill.currency) }, .init("tax") { $0.tax.json(in: $0.bill.currency) },
        .init("taxes", .array(of: TaxLine.schema)) { invoice in .array(invoice.taxes.map { $0.json(in: invoice.bill.currency) }) },
        .init("tax_exemption") { $0.terms.taxes.exemption.json },
        .init("customer_name") { $0.terms.customer.name.json },
        .init("customer_country") { ($0.terms.customer.address?.country).json }, .init("customer_tax_id") { $0.terms.customer.taxID.json },
    ]
}

extension CreditNote {
    static let exportColumns = columns(of: fields) { (note: CreditNote) in note.object }
}

extension RecordedTransaction {
    static let exportColumns: [ExportColumn<RecordedTransaction>] = [
        .init("transaction_id") { $0.id.json }, .init("type") { .string($0.transaction.kind.rawValue) },
        .init("user_id") { $0.transaction.user.json }, .init("invoice_number") { $0.transaction.invoice.json },
        .init(
            "amount", inTables: { $0.transaction.signedAmount.json(in: $0.transaction.currency) },
            { $0.transaction.amount.json(in: $0.transaction.currency) }),
        .init("currency") { $0.transaction.currency.json },
        .init("reference") { $0.transaction.reference.json }, .init("at", .time) { $0.transaction.at.json },
    ]
}

extension WalletEntry {
    static let paidColumns = columns(of: paidFields) { (entry: WalletEntry) in entry.paidObject }
}

extension RecordedCall {
    static let exportColumns = columns(of: fields) { (call: RecordedCall) in call.object }
}

extension Purchase {
    static let exportColumns = columns(of: PurchaseAnswer.fields) { (purchase: Purchase) in purchase.object }
}

extension Adjustment {
    static let exportColumns = columns(of: fields + BalanceAfter.fields) { (adjustment: Adjustment) in adjustment.object }
}

extension EventVoid {
    static let exportColumns = columns(of: fields + BalanceAfter.fields) { (void: EventVoid) in void.object }
}

extension RecordedAuditEntry {
    static let exportColumns = columns(of: fields) { (entry: RecordedAuditEntry) in entry.object }
}

extension StoredProfile {
    static let exportColumns: [ExportColumn<StoredProfile>] = [
        .init("user_id") { $0.user.json }, .init("name") { $0.profile.name.json }, .init("email") { $0.profile.email.json },
        .init(
            "address", inTables: { ($0.profile.address?.lines.joined(separator: ", ")).json },
            { $0.profile.object["address"] ?? .null }),
        .init("tax_id") { $0.profile.taxID.json }, .init("language") { ($0.profile.language?.rawValue).json },
        .init("metadata", .map(values: .string(0...500))) { $0.profile.object["metadata"] ?? .null },
        .init("created_at", .time) { $0.createdAt.json }, .init("updated_at", .time) { $0.updatedAt.json },
        .init("tax_rates", .array(of: TaxRate.schema)) { $0.profile.object["tax_rates"] ?? .null },
        .init("tax_exemption") { $0.profile.taxExemption.json },
    ]
}

extension Plan {
    private static let meterSchema = Schema.answer([
        .required("meter", .identifier), .required("allowance", .nullable(.quantity)), .required("rollover_cap", .nullable(.quantity)),
        .required("overage_price", .nullable(.money)), .required("is_plain", .boolean),
    ])

    static let exportColumns: [ExportColumn<Plan>] = [
        .init("plan_name") { $0.name.json }, .init("display_name") { $0.displayName.json },
        .init("monthly_fee") { $0.monthlyFee.json(in: $0.currency) },
        .init("yearly_fee") { $0.yearlyFee?.json(in: $0.currency) ?? .null }, .init("currency") { $0.currency.json },
        .init("allowance_interval") { .string($0.allowanceInterval.rawValue) }, .init("trial_days") { $0.trialDays.json },
        .init("is_active") { $0.isActive.json }, .init("day_fees", .map(values: .money)) { $0.json["day_fees"] ?? .null },
        .init(
            "stripe_price_ids", inTables: { .string($0.stripePrices.joined(separator: "; ")) }, { .array($0.stripePrices.map(\.json)) }),
        .init("meters", .array(of: meterSchema), isSpread: true) { plan in .array(plan.meters.map(plan.row)) },
    ]

    private func row(of meter: Meter) -> JSON {
        let terms = terms(of: meter)
        return [
            "meter": meter.json, "allowance": terms.limit.json, "rollover_cap": terms.rolloverCap.json,
            "overage_price": overagePrices[meter].json, "is_plain": terms.isPlain.json,
        ]
    }
}

extension ModelPrice {
    private static let rateSchema = Schema.answer([
        .required("class", .tokenClass), .required("service_tier", .serviceTier),
        .required("above", .quantity, "The size of the prompt above which it counts."), .required("per_million", .money),
    ])

    static let exportColumns: [ExportColumn<ModelPrice>] = [
        .init("model") { $0.model.json }, .init("currency") { $0.currency.json }, .init("effective_from", .time) { $0.effectiveFrom.json },
        .init("markup_percent") { $0.rates.markupPercent.json },
        .init("fallbacks", fallbacksSchema) { $0.json["fallbacks"] ?? .null }, .init("units", unitsSchema) { $0.json["units"] ?? .null },
        .init("rates", .array(of: rateSchema), isSpread: true) { .array($0.rates.rows) },
    ]
}

extension ModelRates {
    /// A row for each class, service tier and size of prompt.
    fileprivate var rows: [JSON] {
        TokenClass.allCases.flatMap { kind in
            ServiceTier.allCases.flatMap { tier -> [JSON] in
                guard let rate = self[kind, tier] else { return [] }
                let steps = [TokenRate.Step(above: 0, perMillion: rate.perMillion)] + rate.above
                return steps.map {
                    [
                        "class": kind.json, "service_tier": tier.json, "above": $0.tokens.json, "per_million": $0.perMillion.json,
                    ]
                }
            }
        }
    }
}

extension BillingError {
    static let exportColumns = columns(of: fields) { (error: BillingError) in error.json.object ?? [:] }
}

extension BillingTransaction {
    /// Below 0 for what went back to the user.
    fileprivate var signedAmount: Money {
        switch kind {
        case .refund: .zero - amount
        case .subscription, .overage, .credit: amount
        }
    }
}

extension Wallet {
    static let exportColumns = columns(of: fields) { (wallet: Wallet) in wallet.object }
}

extension WalletEntry {
    static let exportColumns = columns(of: ownerFields + fields) { (entry: WalletEntry) in
        JSON.Object(["user_id": entry.owner.user.json, "project_id": entry.owner.project.json]).followed(by: entry.object)
    }

    private static let ownerFields: [Schema.Field] = [
        .required("user_id", .nullable(.clientID)), .required("project_id", .nullable(.clientID)),
    ]
}

/// The fields of an answer as columns.
private func columns<Item>(
    of fields: [Schema.Field], _ object: @escaping @Sendable (Item) -> JSON.Object
) -> [ExportColumn<Item>] {
    fields.map { field in ExportColumn(field.name, field.schema) { object($0)[field.name] ?? .null } }
}

extension ConsumptionEntry {
    static let exportColumns = columns(of: fields) { (entry: ConsumptionEntry) in entry.object }
}
