internal import BSON
package import Metering
internal import Mongo

package enum CreditNotes {
    static let schema = CollectionSchema(
        name: "credit_notes",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "number": Property.string]), "user_id": Property.string,
            "invoice_number": Property.string, "reason": Property.oneOf(CreditNote.Reason.allCases.map(\.rawValue)),
            "description": Property.string, "reference": Property.optionalString, "currency": Property.string, "amount": Property.amount,
            "subtotal": Property.amount, "tax": Property.amount, "taxes": TaxRate.property(atMost: TaxTerms.maximumRates),
            "issued_at": Property.time, "seller": InvoiceParty.property, "customer": InvoiceParty.property,
        ],
        required: [
            "_id", "user_id", "invoice_number", "reason", "description", "currency", "amount", "subtotal", "tax", "taxes", "issued_at",
        ],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "issued_at": -1, "_id.number": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "issued_at": -1, "_id.number": -1]),
            .init(name: "newest_of_invoice", keys: ["_id.shop_id": 1, "invoice_number": 1, "issued_at": -1, "_id.number": -1]),
        ])

    /// Stores a note of each of the corrections under the month's next numbers, in order.
    package static func issue(
        _ corrections: [InvoiceCorrection], of tenant: Tenant, at now: Timestamp, in transaction: Transaction
    ) throws -> [CreditNote] {
        guard !corrections.isEmpty else { return [] }
        let numbers = try DocumentNumbers.creditNotes.take(corrections.count, in: CivilMonth(of: now.day), of: tenant, in: transaction)
        let notes = zip(corrections, numbers).map { $0.note(CreditNoteNumber(stored: $1), at: now) }
        try transaction.insert(schema.name, try notes.map { try $0.document(of: tenant) })
        return notes
    }

    package static func find(_ number: CreditNoteNumber, of tenant: Tenant, _ reading: Reading) throws -> CreditNote? {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "number", number)]).map { try CreditNote($0) }
    }

    /// The note of a refund; nil where it was made before there were notes.
    package static func ofRefund(_ id: RefundID, of invoice: InvoiceNumber, in tenant: Tenant, _ reading: Reading) throws -> CreditNote? {
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "invoice_number": .id(invoice), "reference": .id(id), "reason": "refund"]
        return try reading.findOne(schema.name, filter).map { try CreditNote($0) }
    }

    /// The first `limit` notes of an invoice, the oldest first.
    package static func ofInvoice(_ number: InvoiceNumber, in tenant: Tenant, limit: Int, _ reading: Reading) throws -> [CreditNote] {
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "invoice_number": .id(number)]
        return try reading.find(schema.name, filter, sort: ["issued_at": 1, "_id.number": 1], limit: limit).map { try CreditNote($0) }
    }
}

extension CreditNoteList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<CreditNote, TimedKey<CreditNoteNumber>> {
        var filter = tenant.documents(about: user)
        if let invoice { filter["invoice_number"] = .id(invoice) }
        return Listing(CreditNotes.schema, filter, .newestFirst("issued_at", then: "_id.number")) { try CreditNote($0) }
    }
}

extension CreditNote: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<CreditNote, CreditNote> {
        Listing(CreditNotes.schema, Key.range(of: tenant, then: "number"), .ascending("_id") { Key.of(tenant, "number", $0.number) }) {
            try CreditNote($0)
        }
    }
}

extension CreditNote {
    init(_ document: Document) throws {
        let subtotal = try document.money("subtotal")
        self.init(
            number: try document.document("_id").id("number"), user: try document.id("user_id"),
            invoice: try document.id("invoice_number"), reason: try document.value("reason"), words: try document.string("description"),
            reference: try document.optionalString("reference"), currency: Currency(stored: try document.string("currency")),
            amount: try document.money("amount"),
            taxes: try document.documents("taxes").map { line in
                TaxLine(rate: try TaxRate(line), taxable: subtotal, amount: try line.money("amount"))
            },
            issuedAt: try document.time("issued_at"),
            seller: try document.optionalDocument("seller").map { try InvoiceParty($0) } ?? InvoiceParty(),
            customer: try document.optionalDocument("customer").map { try InvoiceParty($0) } ?? InvoiceParty())
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        let taxes = try taxes.map { line in
            var document = try line.rate.document
            document.append("amount", try .money(line.amount))
            return Value.document(document)
        }
        return [
            "_id": Key.of(tenant, "number", number), "user_id": .id(user), "invoice_number": .id(invoice),
            "reason": .string(reason.rawValue), "description": .string(words), "reference": .text(reference),
            "currency": .string(currency.code), "amount": try .money(amount), "subtotal": try .money(subtotal), "tax": try .money(tax),
            "taxes": .array(taxes), "issued_at": .time(issuedAt), "seller": seller.isEmpty ? .null : .document(seller.document),
            "customer": customer.isEmpty ? .null : .document(customer.document),
        ]
    }
}
