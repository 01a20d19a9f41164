internal import BSON
package import Metering
internal import Mongo

/// How many documents of a kind a shop has issued in each month. A number is taken in the transaction that stores its document, so that the numbers
/// have no gap and none is used twice.
package struct DocumentNumbers: Sendable {
    /// The collection of the counters.
    let schema: CollectionSchema
    /// The collection of the documents, with the offset of the month in their numbers, in bytes.
    private let documents: String
    private let monthOffset: Int64
    private let text: @Sendable (Int64, CivilMonth) -> String

    package static let invoices = DocumentNumbers(
        schema: counters("invoice_numbers"), documents: "invoices", monthOffset: InvoiceNumber.monthOffset
    ) { InvoiceNumber($0, in: $1).rawValue }

    package static let creditNotes = DocumentNumbers(
        schema: counters("credit_note_numbers"), documents: "credit_notes", monthOffset: CreditNoteNumber.monthOffset
    ) { CreditNoteNumber($0, in: $1).rawValue }

    private static func counters(_ name: String) -> CollectionSchema {
        CollectionSchema(
            name: name,
            properties: ["_id": Property.object(["shop_id": Property.string, "month": Property.string]), "issued": Property.quantity],
            required: ["_id", "issued"])
    }

    private init(
        schema: CollectionSchema, documents: String, monthOffset: Int64, text: @escaping @Sendable (Int64, CivilMonth) -> String
    ) {
        self.schema = schema
        self.documents = documents
        self.monthOffset = monthOffset
        self.text = text
    }

    /// The next `count` numbers of the month, in order; at least one. Of two transactions that take numbers at once one runs again.
    package func take(_ count: Int, in month: CivilMonth, of tenant: Tenant, in transaction: Transaction) throws -> [String] {
        let id: Value = .document([("shop_id", .id(tenant.shop)), ("month", .string(month.basic))])
        let counter = try transaction.findAndModify(
            schema.name, ["_id": id], ["$inc": ["issued": .int64(Int64(count))]], upsert: true, returnNew: true)
        guard let last = try counter?.int64("issued") else { throw StoreError(.invalid, "A number was not counted.") }
        return (last - Int64(count) + 1...last).map { text($0, month) }
    }

    /// A month in which the shop has stored another number of documents than it has issued numbers.
    package struct Gap: Equatable, Sendable {
        package let month: String
        package let issued: Int64
        package let stored: Int64
    }

    /// The shop's gaps in the order of the months, all read at one instant.
    package func gaps(of tenant: Tenant, _ reading: Reading) throws -> [Gap] {
        try reading.snapshot { snapshot in
            var issued: [String: Int64] = [:]
            try snapshot.forEach(schema.name, Key.range(of: tenant, then: "month")) { counter in
                issued[try counter.document("_id").string("month")] = try counter.int64("issued")
            }
            let month: Value = ["$substrBytes": ["$_id.number", .int64(monthOffset), .int64(InvoiceNumber.monthLength)]]
            let pipeline: [Document] = [
                ["$match": .document(Key.range(of: tenant, then: "number"))], ["$group": ["_id": month, "count": ["$sum": .int64(1)]]],
            ]
            var stored: [String: Int64] = [:]
            for row in try snapshot.aggregate(documents, pipeline) { stored[try row.string("_id")] = try row.int64("count") }
            let gaps = Set(issued.keys).union(stored.keys).map { Gap(month: $0, issued: issued[$0] ?? 0, stored: stored[$0] ?? 0) }
            return gaps.filter { $0.issued != $0.stored }.sorted { $0.month < $1.month }
        }
    }
}
