import HTTP
import JSON
import Metering

extension Page {
    /// How many items to read: one more than is shown, which tells whether more follow.
    var readLimit: Int { limit + 1 }

    /// A list's answer out of `readLimit` items or fewer.
    func answer<Item>(of list: String, _ items: [Item], key: (Item) -> [JSON], json: (Item) -> JSON) throws -> Response {
        let shown = items.prefix(limit)
        let next = items.count > limit ? shown.last.map { Cursor(list: list, key: key($0)) } : nil
        return try Page.answer(shown.map(json), next: next)
    }

    /// The keys of a list that goes from the newest on: a time, and an id among its equals.
    static let timeAndID: [Schema] = [.integer(.min ... .max), .identifier]

    static func timeAndID(_ time: Timestamp, _ id: some JSONValue) -> [JSON] { [time.milliseconds.json, id.json] }

    /// The place to go on after in such a list.
    func afterTimeAndID<ID: Identifier>(_ type: ID.Type = ID.self) throws -> (at: Timestamp, id: ID)? {
        guard let after else { return nil }
        guard after.count == 2, let time = after[0].integer, let id = after[1].string else { throw WrongRead(what: "the place in a list") }
        return (Timestamp(milliseconds: time), ID(stored: id))
    }

    /// The id of the item to go on after, where a list's key is an id alone.
    var afterID: String? { after?.first?.string }
}
