internal import BSON
package import Metering
internal import Mongo

package enum Invoices {
    static let schema = CollectionSchema(
        name: "invoices",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "number": Property.string]), "user_id": Property.string,
            "subscription_id": Property.string, "kind": Property.oneOf(InvoiceKind.allCases.map(\.rawValue)),
            "period_number": Property.quantity, "status": Property.oneOf(InvoiceStatus.allCases.map(\.rawValue)),
            "plan_name": Property.string, "plan_display_name": Property.string, "currency": Property.string,
            "lines": ["bsonType": "array"], "total": Property.amount, "issued_at": Property.time, "due_at": Property.time,
            "paid_at": Property.optionalTime, "payment_reference": Property.optionalString, "refunded": Property.amount,
            "credit_used": Property.amount, "credit_returned": Property.amount, "seller": InvoiceParty.property,
            "customer": InvoiceParty.property, "tax_rates": TaxRate.property(atMost: CountryTaxRate.maximumPerShop),
            "tax_exemption": Property.optionalString, "tax": Property.amount, "issued_total": Property.optionalAmount,
        ],
        required: [
            "_id", "user_id", "subscription_id", "kind", "period_number", "status", "plan_name", "currency", "lines", "total",
            "issued_at", "due_at", "refunded",
        ],
        indexes: [
            .init(
                name: "one_per_period", keys: ["_id.shop_id": 1, "user_id": 1, "period_number": 1], isUnique: true,
                filter: ["kind": .string(InvoiceKind.period.rawValue)]),
            .init(name: "newest", keys: ["_id.shop_id": 1, "issued_at": -1, "_id.number": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "issued_at": -1, "_id.number": -1]),
            .init(name: "newest_by_status", keys: ["_id.shop_id": 1, "status": 1, "issued_at": -1, "_id.number": -1]),
            .init(name: "pending_by_due", keys: ["_id.shop_id": 1, "due_at": 1], filter: pending),
        ])

    private static let pending: Document = ["status": .string(InvoiceStatus.pending.rawValue)]

    /// Throws `conflict` when an invoice of the same user and period is stored already; then the transaction is over.
    package static func insert(_ invoices: [Invoice], of tenant: Tenant, in transaction: Transaction) throws {
        try insert(try invoices.map { try $0.document(of: tenant) }, in: transaction)
    }

    private static func insert(_ documents: [Document], in transaction: Transaction) throws {
        do {
            try transaction.insert(schema.name, documents)
        } catch  where error.kind == .duplicateKey {
            throw StoreError(.conflict, "A period was billed since its account was read.")
        }
    }

    package static func find(_ number: InvoiceNumber, of tenant: Tenant, _ reading: Reading) throws -> Invoice? {
        try reading.findOne(schema.name, ["_id": Key.of(tenant, "number", number)]).map { try Invoice($0) }
    }

    /// The invoices of a user's period, the oldest first.
    package static func ofPeriod(_ number: Int64, of user: UserID, in tenant: Tenant, _ reading: Reading) throws -> [Invoice] {
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "user_id": .id(user), "period_number": .int64(number)]
        return try reading.find(schema.name, filter, sort: ["issued_at": 1, "_id.number": 1]).map { try Invoice($0) }
    }

    /// Stores the steps of the invoices. Throws `conflict` when an invoice is not as it was read any more.
    package static func save(_ invoices: [(before: Invoice, after: Invoice)], of tenant: Tenant, in transaction: Transaction) throws {
        let writes = try invoices.map { before, after in
            BulkWrite.updateOne(
                filter: [
                    "_id": Key.of(tenant, "number", after.number), "status": .string(before.status.rawValue),
                    "refunded": try .money(before.refunded), "total": try .money(before.total),
                ],
                update: ["$set": .document(try after.progress)])
        }
        let result = try transaction.bulk(schema.name, writes, ordered: false)
        guard result.matched == writes.count else { throw StoreError(.conflict, "An invoice moved since it was read.") }
    }

    /// The maximum of a user's open invoices that a step looks at.
    private static let openLimit = 200

    /// The user's invoices that are open, the oldest first, at most 200.
    package static func open(of user: UserID, in tenant: Tenant, _ reading: Reading) throws -> [Invoice] {
        let open = [InvoiceStatus.pending, .overdue].map { Value.string($0.rawValue) }
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "user_id": .id(user), "status": ["$in": .array(open)]]
        return try reading.find(schema.name, filter, sort: ["issued_at": 1, "_id.number": 1], limit: openLimit).map { try Invoice($0) }
    }

    /// The users' pending invoices that fall due at `now` or before, the longest due first.
    package static func due(
        by now: Timestamp, of users: [UserID], in tenant: Tenant, limit: Int, _ reading: Reading
    ) throws -> [Invoice] {
        var filter = due(by: now, of: tenant)
        filter["user_id"] = ["$in": .array(users.map { .id($0) })]
        return try reading.find(schema.name, filter, sort: ["due_at": 1], limit: limit).map { try Invoice($0) }
    }

    /// The users of the first `limit` pending invoices that fall due at `now` or before, the longest due first. `users` are left out.
    package static func dueUsers(
        by now: Timestamp, of tenant: Tenant, without users: Set<UserID>, limit: Int, _ reading: Reading
    ) throws -> [UserID] {
        var filter = due(by: now, of: tenant)
        filter.exclude(users, in: "user_id")
        let fields: Document = ["_id": 0, "user_id": 1]
        var seen: Set<UserID> = []
        return try reading.find(schema.name, filter, sort: ["due_at": 1], projection: fields, limit: limit)
            .map { try $0.id("user_id", as: UserID.self) }.filter { seen.insert($0).inserted }
    }

    private static func due(by now: Timestamp, of tenant: Tenant) -> Document {
        ["_id.shop_id": .id(tenant.shop), "status": "pending", "due_at": ["$lte": .time(now)]]
    }

    /// When the first pending invoice falls due.
    package static func nextDue(of tenant: Tenant, _ reading: Reading) throws -> Timestamp? {
        let filter: Document = ["_id.shop_id": .id(tenant.shop), "status": "pending"]
        return try reading.findOne(schema.name, filter, sort: ["due_at": 1], projection: ["due_at": 1])?.time("due_at")
    }
}

extension InvoiceList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<Invoice, TimedKey<InvoiceNumber>> {
        var filter = tenant.documents(about: user)
        if let status { filter["status"] = .string(status.rawValue) }
        if let now, status == .pending { filter["due_at"] = ["$gt": .time(now)] }
        if let now, status == .overdue {
            filter["status"] = ["$in": ["overdue", "pending"]]
            filter["due_at"] = ["$lte": .time(now)]
        }
        return Listing(Invoices.schema, filter, .newestFirst("issued_at", then: "_id.number")) { document in
            let invoice = try Invoice(document)
            return now.map(invoice.asOf) ?? invoice
        }
    }
}

extension Invoice: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<Invoice, Invoice> {
        Listing(Invoices.schema, Key.range(of: tenant, then: "number"), .ascending("_id") { Key.of(tenant, "number", $0.number) }) {
            try Invoice($0)
        }
    }
}
