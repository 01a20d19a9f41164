internal import BSON
package import Metering
internal import Mongo

package typealias CallKey = ShopKey<CallID>

extension CallKey {
    fileprivate var value: Value { Key.of(tenant, "call_id", id) }
}

/// The calls of models that were recorded. A call is stored in the transaction that stores its event and its charge, and never changed.
package enum Calls {
    static let schema = CollectionSchema(
        name: "calls",
        properties: [
            "_id": Property.object(["shop_id": Property.string, "call_id": Property.string]), "user_id": Property.string,
            "project_id": Property.optionalString, "model": Property.string, "price_model": Property.string,
            "provider": Property.optionalString, "meter": Property.string, "hold": Property.optionalString,
            "dimensions": ["bsonType": ["object", "null"]], "input_tokens": Property.quantity, "output_tokens": Property.quantity,
            "cost": Property.amount, "own_cost": Property.amount, "currency": Property.string,
            "payment": [
                "bsonType": ["object", "null"],
                "properties": [
                    "kind": WalletOwner.kinds, "owner_id": Property.string, "source": Property.oneOf(ChargeSource.allCases.map(\.rawValue)),
                    "from_quota": Property.amount, "from_balance": Property.amount, "balance": Property.amount,
                ],
            ],
            "usage": Property.string, "at": Property.time,
        ],
        required: ["_id", "user_id", "model", "price_model", "meter", "cost", "own_cost", "currency", "usage", "at"],
        indexes: [
            .init(name: "newest", keys: ["_id.shop_id": 1, "at": -1, "_id.call_id": -1]),
            .init(name: "newest_of_user", keys: ["_id.shop_id": 1, "user_id": 1, "at": -1, "_id.call_id": -1]),
        ])

    package static func find(_ keys: Set<CallKey>, _ reading: Reading) throws -> [CallKey: RecordedCall] {
        try schema.find(keys.map(\.value), reading) { tenant, document in
            let call = try RecordedCall(document)
            return (CallKey(tenant: tenant, id: call.id), call)
        }
    }

    /// Throws `duplicate` when the id of a call is taken; then the transaction is over.
    package static func insert(_ calls: [CallKey: RecordedCall], in transaction: Transaction) throws {
        guard !calls.isEmpty else { return }
        try transaction.insert(schema.name, calls.map { try $0.value.document(of: $0.key.tenant) })
    }
}

extension CallList: StoredList {
    package func listing(of tenant: Tenant) -> Listing<RecordedCall, TimedKey<CallID>> {
        var filter = tenant.documents(about: user)
        filter.keep("at", in: range)
        return Listing(Calls.schema, filter, .newestFirst("at", then: "_id.call_id")) { try RecordedCall($0) }
    }
}

/// By id.
extension RecordedCall: StoredByID {
    package static func everything(of tenant: Tenant) -> Listing<RecordedCall, RecordedCall> {
        let order = ListOrder<RecordedCall>.ascending("_id") { CallKey(tenant: tenant, id: $0.id).value }
        return Listing(Calls.schema, Key.range(of: tenant, then: "call_id"), order) { try RecordedCall($0) }
    }
}

extension RecordedCall {
    fileprivate init(_ document: Document) throws {
        let id: CallID = try document.document("_id").id("call_id")
        let charge = try Charge(document, id: id.charge)
        let dimensions = try document.optionalDocument("dimensions") ?? [:]
        self.init(
            id: id,
            content: CallContent(
                charge: charge.content, provider: try document.optionalString("provider"), meter: try document.id("meter"),
                hold: try document.optionalString("hold").map(ReservationID.init(stored:)),
                dimensions: Dictionary(
                    try dimensions.map { ($0.key, try dimensions.string($0.key)) }, uniquingKeysWith: { first, _ in first })),
            charge: charge, payment: try document.optionalDocument("payment").map { try CallPayment($0) },
            usage: try document.string("usage"), at: try document.time("at"))
    }

    fileprivate func document(of tenant: Tenant) throws -> Document {
        var document: Document = ["_id": CallKey(tenant: tenant, id: id).value]
        for (name, value) in try charge.document { document.append(name, value) }
        let dimensions = content.dimensions.sorted { $0.key < $1.key }.map { ($0.key, Value.string($0.value)) }
        document.append("provider", .text(content.provider))
        document.append("meter", .id(content.meter))
        document.append("hold", .text(content.hold?.rawValue))
        document.append("dimensions", .document(Document(dimensions)))
        document.append("payment", try payment.map { .document(try $0.document) } ?? .null)
        document.append("usage", .string(usage))
        document.append("at", .time(at))
        return document
    }
}

extension CallPayment {
    fileprivate init(_ document: Document) throws {
        self.init(
            owner: try WalletOwner(document), source: try document.value("source"), fromQuota: try document.money("from_quota"),
            fromBalance: try document.money("from_balance"), balance: try document.money("balance"))
    }

    fileprivate var document: Document {
        get throws {
            Document(
                owner.fields + [
                    ("source", .string(source.rawValue)), ("from_quota", try .money(fromQuota)), ("from_balance", try .money(fromBalance)),
                    ("balance", try .money(balance)),
                ])
        }
    }
}
