internal import BSON
internal import Metering

/// The small types of `Metering` as BSON values.
extension Value {
    static func time(_ time: Timestamp) -> Value { .date(milliseconds: time.milliseconds) }
    static func time(_ time: Timestamp?) -> Value { time.map { .time($0) } ?? .null }
    static func long(_ integer: Int64?) -> Value { integer.map { .int64($0) } ?? .null }
    static func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
    static func id(_ id: some Identifier) -> Value { .string(id.rawValue) }
    static func limit(_ limit: Metering.Limit) -> Value { limit.quantity.map { .int64($0) } ?? .null }
    static func day(_ day: CivilDay) -> Value { .string(day.iso) }

    static func money(_ money: Money) throws(StoreError) -> Value {
        guard let decimal = Decimal128(money.text) else { throw StoreError(.invalid, "An amount of money has too many digits.") }
        return .decimal(decimal)
    }

    static func money(_ money: Money?) throws(StoreError) -> Value {
        guard let money else { return .null }
        return try .money(money)
    }
}

extension Document {
    func time(_ key: String) throws -> Timestamp { Timestamp(milliseconds: try date(key)) }
    func optionalTime(_ key: String) throws -> Timestamp? { try optionalDate(key).map { Timestamp(milliseconds: $0) } }
    func limit(_ key: String) throws -> Metering.Limit { Metering.Limit(try optionalInt64(key)) }

    /// A sum of quantities by the server's `$sum`, which gives a double past Int64; `Quantity.largest` when the sum passes it.
    func sum(_ key: String) throws -> Quantity {
        if case .double? = self[key] { return Quantity.largest }
        return Swift.min(Quantity.largest, try int64(key))
    }

    func id<ID: Identifier>(_ key: String, as type: ID.Type = ID.self) throws -> ID { ID(stored: try string(key)) }

    func day(_ key: String) throws -> CivilDay {
        guard let day = CivilDay(iso: try string(key)) else { throw StoreError(.invalid, "\(key) is not a day.") }
        return day
    }

    func optionalDay(_ key: String) throws -> CivilDay? { try optionalString(key) == nil ? nil : day(key) }

    func money(_ key: String) throws -> Money { try Money(try decimal(key)) }
    func optionalMoney(_ key: String) throws -> Money? { try optionalDecimal(key).map { try Money($0) } }

    /// An enumeration's case by its raw value.
    func value<Case: RawRepresentable<String>>(_ key: String, as type: Case.Type = Case.self) throws -> Case {
        guard let value = Case(rawValue: try string(key)) else { throw StoreError(.invalid, "\(key) has an unknown value.") }
        return value
    }

    func optionalValue<Case: RawRepresentable<String>>(_ key: String, as type: Case.Type = Case.self) throws -> Case? {
        try optionalString(key) == nil ? nil : value(key)
    }

    /// Cases of an enumeration by their raw values.
    func values<Case: RawRepresentable<String>>(_ key: String, as type: Case.Type = Case.self) throws -> [Case] {
        try items(array(key), of: key, are: "known values") { $0.asString.flatMap(Case.init(rawValue:)) }
    }

    func documents(_ key: String) throws -> [Document] { try items(array(key), of: key, are: "documents") { $0.asDocument } }

    /// Values by cases of an enumeration; none when the field is missing or null.
    func values<Key: RawRepresentable<String> & Hashable, Case: RawRepresentable<String>>(
        by keys: Key.Type = Key.self, in name: String
    ) throws -> [Key: Case] {
        try fields(by: keys, in: name) { try $0.value($1) }
    }

    func amounts<Key: RawRepresentable<String> & Hashable>(by keys: Key.Type = Key.self, in name: String) throws -> [Key: Money] {
        try fields(by: keys, in: name) { try $0.money($1) }
    }

    func quantities<Key: RawRepresentable<String> & Hashable>(by keys: Key.Type = Key.self, in name: String) throws -> [Key: Quantity] {
        try fields(by: keys, in: name) { try $0.int64($1) }
    }

    private func fields<Key: RawRepresentable<String> & Hashable, Item>(
        by keys: Key.Type, in name: String, _ read: (Document, String) throws -> Item
    ) throws -> [Key: Item] {
        guard let value = self[name], value != .null else { return [:] }
        let document = try document(name)
        var fields: [Key: Item] = [:]
        for (field, _) in document {
            guard let key = Key(rawValue: field) else { throw StoreError(.invalid, "\(name) has an unknown field, \(field).") }
            fields[key] = try read(document, field)
        }
        return fields
    }

    /// A field for each key, in the order of their names.
    init<Key: RawRepresentable<String>, Item>(by items: [Key: Item], _ value: (Item) throws -> Value) rethrows {
        self.init(try items.map { ($0.key.rawValue, try value($0.value)) }.sorted { $0.0 < $1.0 })
    }

    /// No integers when the field is missing or null.
    func optionalInt64s(_ key: String) throws -> [Int64] { try items(optionalArray(key) ?? [], of: key, are: "longs") { $0.asInt64 } }

    /// No texts when the field is missing or null.
    func optionalStrings(_ key: String) throws -> [String] { try items(optionalArray(key) ?? [], of: key, are: "texts") { $0.asString } }

    private func items<Item>(_ values: [Value], of key: String, are kind: String, _ read: (Value) -> Item?) throws -> [Item] {
        try values.map { value in
            guard let item = read(value) else { throw StoreError(.invalid, "\(key) holds something else than \(kind).") }
            return item
        }
    }

    func optionalSubscriptionID(_ key: String) throws -> SubscriptionID? {
        guard let value = self[key], value != .null else { return nil }
        guard let id = value.asObjectID else { throw StoreError(.invalid, "\(key) is not a subscription's id.") }
        return SubscriptionID(stored: id.description)
    }
}

extension SubscriptionID {
    /// As the field `key` holds it. Throws `invalid` when the id is no ObjectId.
    func value(of key: String) throws(StoreError) -> Value {
        guard let id = ObjectID(rawValue) else { throw StoreError(.invalid, "\(key) is not a subscription's id: \(rawValue)") }
        return .objectID(id)
    }
}

extension Money {
    /// libbson writes small numbers with an exponent: `1.5E-7`.
    init(_ decimal: Decimal128) throws(StoreError) {
        guard let money = Money(scientific: decimal.description) else {
            throw StoreError(.invalid, "A stored amount of money cannot be read.")
        }
        self = money
    }
}
