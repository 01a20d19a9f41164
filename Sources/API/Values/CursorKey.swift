import HTTP
import JSON
import Metering
import Service
import Web

/// How a list's key stands in the list's cursors.
struct CursorKey<Key> {
    /// The schemas of the values.
    let schemas: [Schema]
    let values: (Key) -> [JSON]
    /// Nil when the values do not match the schemas.
    let key: ([JSON]) -> Key?

    /// The key when `values` are given.
    func read(_ values: [JSON]) throws -> Key {
        guard let key = key(values) else { throw WrongRead(what: "the key of a list") }
        return key
    }

    /// Milliseconds since 1970, then an id.
    static func timeAndID<ID: Identifier>() -> Self where Key == TimedKey<ID> {
        CursorKey(
            schemas: [.integer(.min ... .max), .text(TextFormat(ID.form))], values: { [$0.at.milliseconds.json, .string($0.id.rawValue)] },
            key: { values in
                guard values.count == 2, let time = values[0].integer, let id = values[1].string else { return nil }
                return TimedKey(at: Timestamp(milliseconds: time), id: ID(stored: id))
            })
    }
}

extension CursorKey where Key: Identifier {
    static var id: Self { id(.text(TextFormat(Key.form))) }

    /// An id that is written by another grammar.
    static func id(_ schema: Schema) -> Self {
        CursorKey(schemas: [schema], values: { [.string($0.rawValue)] }, key: { $0.first?.string.map { Key(stored: $0) } })
    }
}

extension CursorKey where Key == String {
    static func text(_ schema: Schema) -> Self {
        CursorKey(schemas: [schema], values: { [$0.json] }, key: { $0.first?.string })
    }
}

extension CursorKey where Key == Int64 {
    static var number: Self { CursorKey(schemas: [.quantity], values: { [$0.json] }, key: { $0.first?.integer }) }
}

extension CursorKey where Key == CivilDay {
    static var day: Self {
        CursorKey(schemas: [.date], values: { [$0.json] }, key: { $0.first?.string.flatMap { CivilDay(iso: $0) } })
    }
}

extension Call {
    /// Answers a page of a list of the caller's shop. `name` is the list's in its cursors.
    func answer<List: ReadableList>(
        _ name: String, _ list: List, keyedBy cursor: CursorKey<List.Key>, from service: ShopMeter, json: (List.Item) -> JSON
    ) async throws -> Response {
        let tenant = try tenant
        return try await answer(name, keyedBy: cursor, key: list.key, json: json) { key, limit in
            try await service.page(of: list, in: tenant, after: key, limit: limit)
        }
    }

    /// Answers a page of a list. `read` gets the key of the item before the page, nil for the first page, and the maximum number of items.
    func answer<Item, Key>(
        _ name: String, keyedBy cursor: CursorKey<Key>, key: (Item) -> Key, json: (Item) -> JSON,
        read: (_ after: Key?, _ limit: Int) async throws -> [Item]
    ) async throws -> Response {
        let page = try page(of: name, keyedBy: cursor.schemas)
        let items = try await read(try page.after.map(cursor.read), page.readLimit)
        return try page.answer(of: name, items, key: { cursor.values(key($0)) }, json: json)
    }
}
