internal import BSON
package import Metering
internal import Mongo

/// The log of money: payments, credits and refunds.
package enum BillingTransactions {
    static let schema = CollectionSchema(
        name: "transactions",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "transaction_id": Property.string]),
            "type": Property.oneOf(BillingTransaction.Kind.allCases.map(\.rawValue)), "user_id": Property.string,
            "invoice_number": Property.optionalString, "amount": Property.amount, "currency": Property.string,
            "reference": Property.optionalString, "at": Property.time, "refunded": Property.amount,
        ],
        required: ["_id", "type", "user_id", "amount", "currency", "at"],
        indexes: [
            .init(
                name: "one_per_refund", keys: ["_id.shop_id": 1, "reference": 1], isUnique: true,
                filter: ["type": .string(BillingTransaction.Kind.refund.rawValue)]),
            .init(name: "newest", keys: ["_id.shop_id": 1, "at": -1, "_id.transaction_id": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "at": -1, "_id.transaction_id": -1]),
        ])

    /// Throws `duplicate` when a refund's id is taken; then the transaction is over.
    package static func insert(_ transactions: [BillingTransaction], of tenant: Tenant, in transaction: Transaction) throws {
        guard !transactions.isEmpty else { return }
        let documents = try transactions.map { billed in
            let id = TransactionID(stored: ObjectID().description)
            return try RecordedTransaction(id: id, transaction: billed).document(of: tenant)
        }
        try transaction.insert(schema.name, documents)
    }

    /// The refund with that id; nil when it was not made.
    package static func refund(_ id: RefundID, of tenant: Tenant, _ reading: Reading) throws -> RecordedTransaction? {
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "type": "refund", "reference": .id(id)]
        return try reading.findOne(schema.name, filter).map { try RecordedTransaction($0) }
    }
}

extension TransactionList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<RecordedTransaction, TimedKey<TransactionID>> {
        Listing(BillingTransactions.schema, tenant.documents(about: user), .newestFirst("at", then: "_id.transaction_id")) {
            try RecordedTransaction($0)
        }
    }
}

/// The ids are made in the order of time, to the second.
extension RecordedTransaction: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<RecordedTransaction, RecordedTransaction> {
        let order = ListOrder<RecordedTransaction>.ascending("_id") { Key.of(tenant, "transaction_id", $0.id) }
        return Listing(BillingTransactions.schema, Key.range(of: tenant, then: "transaction_id"), order) { try RecordedTransaction($0) }
    }
}

extension RecordedTransaction {
    init(_ document: Document) throws {
        self.init(
            id: try document.document("_id").id("transaction_id"),
            transaction: BillingTransaction(
                kind: try document.value("type"), user: try document.id("user_id"),
                invoice: try document.optionalString("invoice_number").map { InvoiceNumber(stored: $0) },
                amount: try document.money("amount"), currency: Currency(stored: try document.string("currency")),
                reference: try document.optionalString("reference"), at: try document.time("at"),
                refunded: try document.money("refunded")))
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        [
            "_id": Key.of(tenant, "transaction_id", id), "type": .string(transaction.kind.rawValue), "user_id": .id(transaction.user),
            "invoice_number": .text(transaction.invoice?.rawValue), "amount": try .money(transaction.amount),
            "currency": .string(transaction.currency.code), "reference": .text(transaction.reference), "at": .time(transaction.at),
            "refunded": try .money(transaction.refunded),
        ]
    }
}
