internal import BSON
internal import Metering
internal import Mongo

/// How many invoices a shop has issued in a month. A number is taken in the transaction that stores its invoice, so that none is missing
/// and none is there twice.
enum InvoiceNumbers {
    static let schema = CollectionSchema(
        name: "invoice_numbers",
        properties: ["_id": Property.object(["shop_id": Property.string, "month": Property.string]), "issued": Property.quantity],
        required: ["_id", "issued"])

    /// The next `count` numbers of the month, in order. Another transaction that takes some waits for its turn by starting anew.
    static func take(_ count: Int, in month: InvoiceMonth, of tenant: Tenant, in transaction: Transaction) throws -> [InvoiceNumber] {
        let id: Value = .document([("shop_id", .id(tenant.shop)), ("month", .string(month.text))])
        let counter = try transaction.findAndModify(
            schema.name, ["_id": id], ["$inc": ["issued": .int64(Int64(count))]], upsert: true, returnNew: true)
        guard let last = try counter?.int64("issued") else { throw StoreError(.invalid, "An invoice number was not counted.") }
        return (last - Int64(count) + 1...last).map { InvoiceNumber($0, in: month) }
    }
}
