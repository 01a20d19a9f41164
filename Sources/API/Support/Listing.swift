import JSON
import Metering
import Web

/// Lists from the newest item on, whose key is a time, and an id among items of one time.
extension Page {
    static let timeAndID: [Schema] = [.integer(.min ... .max), .identifier]

    static func timeAndID(_ time: Timestamp, _ id: some JSONValue) -> [JSON] { [time.milliseconds.json, id.json] }

    /// The key of the item before the page; nil for the first page.
    func afterTimeAndID<ID: Identifier>(_ type: ID.Type = ID.self) throws -> (at: Timestamp, id: ID)? {
        guard let after else { return nil }
        guard after.count == 2, let time = after[0].integer, let id = after[1].string else { throw WrongRead(what: "the key of a list") }
        return (Timestamp(milliseconds: time), ID(stored: id))
    }
}
