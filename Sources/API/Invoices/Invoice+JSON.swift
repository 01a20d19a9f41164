import JSON
import Metering
import Service
import Web

extension InvoiceLine {
    static let schema = Schema.answer([
        .required("type", .choice(of: Kind.self, named: "InvoiceLineType")), .required("description", .string(1...500)),
        .required("period_start", .time), .required("period_end", .time), .required("amount", .moneySum, "Below 0: taken off."),
        .required("quantity", .nullable(.quantity)), .required("unit_price", .nullable(.money)),
        .required("meter", .nullable(.identifier), "Of overage."),
    ]).named("InvoiceLine")

    func json(in currency: Currency) -> JSON {
        [
            "type": .string(kind.rawValue), "description": description.json, "period_start": period.start.json,
            "period_end": period.end.json, "amount": amount.json(in: currency), "quantity": quantity.json,
            "unit_price": unitPrice?.json(in: currency) ?? .null, "meter": meter.json,
        ]
    }
}

extension Invoice {
    static let fields: [Schema.Field] = [
        .required("number", .identifier, "`FACT-{YYYYMM}-{XXXX}`: gapless in each shop and month."), .required("user_id", .clientID),
        .required("subscription_id", .identifier),
        .required(
            "kind", .choice(of: InvoiceKind.self, named: "InvoiceKind"), "For a period that is over, or for the rest of one that changed."),
        .required("status", statusSchema), .required("plan_name", .identifier), .required("plan_display_name", .string(1...200)),
        .required("currency", .currency), .required("lines", .array(of: InvoiceLine.schema)),
        .required("total", .moneySum, "With the taxes."),
        .required("issued_at", .time), .required("due_at", .time), .required("paid_at", .nullable(.time)),
        .required("payment_reference", .nullable(.string(1...200))), .required("refunded", .moneySum, "What of the total was given back."),
        .required("period_start", .nullable(.time), "Of its lines."), .required("period_end", .nullable(.time)),
        .required("stripe_invoice_id", .nullable(.string(1...200)), "Where an invoice at Stripe paid it."),
        .required("subtotal", .moneySum, "The total without the taxes."), .required("tax", .moneySum, "All taxes."),
        .required("taxes", .array(of: TaxLine.schema), "One line a rate."),
        .required("tax_exemption", .nullable(.string(1...500)), "Why there is no tax."),
        .required("seller", InvoiceParty.schema, "As it was at the issue."),
        .required("customer", InvoiceParty.schema, "As it was at the issue."),
    ]
    static let schema = Schema.answer(fields).named("Invoice")
    static let statusSchema = Schema.choice(of: InvoiceStatus.self, named: "InvoiceStatus")

    var object: JSON.Object {
        JSON.Object([
            "number": number.json, "user_id": bill.user.json, "subscription_id": bill.subscription.json,
            "kind": .string(bill.kind.rawValue), "status": .string(status.rawValue), "plan_name": bill.plan.json,
            "plan_display_name": bill.planDisplayName.json, "currency": bill.currency.json,
            "lines": .array(bill.lines.map { $0.json(in: bill.currency) }),
            "total": total.json(in: bill.currency), "issued_at": issuedAt.json, "due_at": dueAt.json, "paid_at": paidAt.json,
            "payment_reference": paymentReference.json, "refunded": refunded.json(in: bill.currency),
            "period_start": bill.lines.map(\.period.start).min().json, "period_end": bill.lines.map(\.period.end).max().json,
            "stripe_invoice_id": paymentReference.flatMap { $0.hasPrefix("in_") ? $0 : nil }.json,
            "subtotal": subtotal.json(in: bill.currency), "tax": tax.json(in: bill.currency),
            "taxes": .array(taxes.map { $0.json(in: bill.currency) }), "tax_exemption": terms.taxes.exemption.json,
            "seller": terms.seller.json, "customer": terms.customer.json,
        ])
    }
}

extension InvoiceAnswer {
    static let schema = Schema.answer(
        Invoice.fields + [
            .required("duplicate", .boolean, "True: this is the first answer to the same request."),
            .required("credit_note", .nullable(.identifier), "The note of what the step took back."),
        ]
    ).named("InvoiceStep")

    var json: JSON {
        .object(invoice.object.followed(by: JSON.Object(["duplicate": isDuplicate.json, "credit_note": (note?.number).json])))
    }
}

extension RecordedTransaction {
    static let schema = Schema.answer([
        .required("transaction_id", .identifier), .required("type", .choice(of: BillingTransaction.Kind.self, named: "TransactionType")),
        .required("user_id", .clientID), .required("invoice_number", .nullable(.identifier)), .required("amount", .moneySum),
        .required("currency", .currency), .required("reference", .nullable(.string(1...500)), "The payment's, the refund's id, or why."),
        .required("at", .time),
    ]).named("Transaction")

    var json: JSON {
        [
            "transaction_id": id.json, "type": .string(transaction.kind.rawValue), "user_id": transaction.user.json,
            "invoice_number": transaction.invoice.json, "amount": transaction.amount.json(in: transaction.currency),
            "currency": transaction.currency.json,
            "reference": transaction.reference.json, "at": transaction.at.json,
        ]
    }
}
