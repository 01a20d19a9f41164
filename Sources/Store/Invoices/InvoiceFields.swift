internal import BSON
internal import Metering

extension Invoice {
    init(_ document: Document) throws {
        self.init(
            number: try document.document("_id").id("number"), bill: try Bill(document), status: try document.value("status"),
            issuedAt: try document.time("issued_at"), dueAt: try document.time("due_at"), paidAt: try document.optionalTime("paid_at"),
            paymentReference: try document.optionalString("payment_reference"), refunded: try document.money("refunded"),
            creditReturned: try document.optionalMoney("credit_returned") ?? .zero, terms: try InvoiceTerms(document),
            issuedTotal: try document.optionalMoney("issued_total"))
    }

    func document(of tenant: Tenant) throws -> Document {
        var document: Document = [
            "_id": Key.of(tenant, "number", number), "user_id": .id(bill.user), "subscription_id": .id(bill.subscription),
            "kind": .string(bill.kind.rawValue), "period_number": .int64(bill.periodNumber), "plan_name": .id(bill.plan),
            "plan_display_name": .string(bill.planDisplayName), "currency": .string(bill.currency.code),
            "issued_at": .time(issuedAt), "due_at": .time(dueAt),
        ]
        document.append("issued_total", try .money(issuedTotal))
        for (key, value) in try terms.fields { document.append(key, value) }
        for (key, value) in try progress { document.append(key, value) }
        return document
    }

    /// The fields that the invoice's steps change.
    var progress: Document {
        get throws {
            [
                "status": .string(status.rawValue), "paid_at": .time(paidAt), "payment_reference": .text(paymentReference),
                "refunded": try .money(refunded), "lines": .array(try bill.lines.map { .document(try $0.document) }),
                "total": try .money(total), "tax": try .money(tax), "credit_used": try .money(bill.creditUsed),
                "credit_returned": try .money(creditReturned),
            ]
        }
    }
}

extension Bill {
    fileprivate init(_ document: Document) throws {
        self.init(
            user: try document.id("user_id"), subscription: try document.id("subscription_id"), kind: try document.value("kind"),
            periodNumber: try document.int64("period_number"), plan: try document.id("plan_name"),
            planDisplayName: try document.string("plan_display_name"), currency: Currency(stored: try document.string("currency")),
            lines: try document.documents("lines").map { try InvoiceLine($0) },
            creditUsed: try document.optionalMoney("credit_used") ?? .zero)
    }
}

extension InvoiceLine {
    fileprivate init(_ document: Document) throws {
        self.init(
            try document.value("type"), try document.string("description"),
            for: Period(start: try document.time("period_start"), end: try document.time("period_end")),
            amount: try document.money("amount"), quantity: try document.optionalInt64("quantity"),
            unitPrice: try document.optionalMoney("unit_price"), meter: try document.optionalString("meter").map(Meter.init(stored:)))
    }

    fileprivate var document: Document {
        get throws {
            [
                "type": .string(kind.rawValue), "description": .string(description), "period_start": .time(period.start),
                "period_end": .time(period.end), "amount": try .money(amount), "quantity": quantity.map { .int64($0) } ?? .null,
                "unit_price": try .money(unitPrice), "meter": .text(meter?.rawValue),
            ]
        }
    }
}
