internal import BSON
package import Metering
internal import Mongo

/// A list whose items are documents of a collection.
package protocol StoredList: PagedList {
    func listing(of tenant: Tenant) -> Listing<Item, Key>
}

extension StoredList {
    /// At most `limit` items of the list: those after the item with that key, or without a key the first ones.
    package func page(of tenant: Tenant, after key: Key?, limit: Int, _ reading: Reading) throws -> [Item] {
        try listing(of: tenant).page(after: key, limit: limit, reading)
    }
}

/// A kind of document that is read whole, page by page: all of a shop's in the order of `_id`. Each page is one range of the `_id` index, so
/// that none costs more than another.
package protocol StoredByID: Sendable {
    /// Every document of the shop. The key of an item is the item itself.
    static func everything(of tenant: Tenant) -> Listing<Self, Self>
}

extension StoredByID {
    /// At most `limit` items: those after `last`, or without it the first ones.
    package static func page(of tenant: Tenant, after last: Self?, limit: Int, _ reading: Reading) throws -> [Self] {
        try everything(of: tenant).page(after: last, limit: limit, reading)
    }
}

/// How a list is read: the documents in it, their order, and an item from its document.
package struct Listing<Item, Key> {
    let collection: CollectionSchema
    /// Matches every document of the list. It names the shop.
    let filter: Document
    let order: ListOrder<Key>
    /// The items of documents.
    let items: ([Document], Reading) throws -> [Item]

    init(
        _ collection: CollectionSchema, _ filter: Document, _ order: ListOrder<Key>, item: @escaping (Document) throws -> Item
    ) {
        self.collection = collection
        self.filter = filter
        self.order = order
        items = { documents, _ in try documents.map(item) }
    }

    /// A list whose items are more than their documents say: `items` reads the rest.
    init(
        _ collection: CollectionSchema, _ filter: Document, _ order: ListOrder<Key>,
        reading items: @escaping ([Document], Reading) throws -> [Item]
    ) {
        self.collection = collection
        self.filter = filter
        self.order = order
        self.items = items
    }

    func page(after key: Key?, limit: Int, _ reading: Reading) throws -> [Item] {
        var filter = filter
        if let key { try order.narrow(&filter, key) }
        return try items(reading.find(collection.name, filter, sort: order.sort, limit: limit), reading)
    }
}

extension CollectionSchema {
    /// Reads the documents with those `_id`s, of one shop or of several. `entry` gives an item and its key; `tenant` is the shop in the `_id`.
    func find<Key: Hashable, Item>(
        _ ids: [Value], _ reading: Reading, entry: (_ tenant: Tenant, Document) throws -> (Key, Item)
    ) throws -> [Key: Item] {
        guard !ids.isEmpty else { return [:] }
        let found = try reading.find(name, ["_id": ["$in": .array(ids)]]).map { document in
            try entry(Tenant(shop: document.document("_id").id("shop_id")), document)
        }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }
}

/// The order of a list's documents. It should be an index of the collection, behind the fields of the list's filter.
struct ListOrder<Key> {
    let sort: Document
    /// Narrows a filter to the documents after the one with that key.
    let narrow: (inout Document, Key) throws -> Void

    /// By the field `time` downwards, and among equal times by the field `id` downwards.
    static func newestFirst<ID>(_ time: String, then id: String) -> Self where Key == TimedKey<ID> {
        ListOrder(sort: [time: -1, id: -1]) { filter, key in
            let earlier: Document = [time: ["$lt": .time(key.at)]]
            let sameTime: Document = [time: .time(key.at), id: ["$lt": .id(key.id)]]
            filter["$or"] = .array([.document(earlier), .document(sameTime)])
        }
    }

    /// By a field upwards. `value` gives the field's value in the document with that key.
    static func ascending(_ field: String, _ value: @escaping (Key) throws -> Value) -> Self {
        ListOrder(sort: [field: 1]) { filter, key in filter.bound(field, "$gt", try value(key)) }
    }

    /// By a field downwards.
    static func descending(_ field: String, _ value: @escaping (Key) throws -> Value) -> Self {
        ListOrder(sort: [field: -1]) { filter, key in filter.bound(field, "$lt", try value(key)) }
    }
}

extension Document {
    /// Adds a bound on a field, or replaces the bound of that kind.
    fileprivate mutating func bound(_ field: String, _ comparison: String, _ value: Value) {
        var bounds = self[field]?.asDocument ?? [:]
        bounds[comparison] = value
        self[field] = .document(bounds)
    }
}
