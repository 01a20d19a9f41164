internal import BSON
internal import Bytes
package import Metering
internal import Mongo

/// Goes over a user's events from the newest to the oldest, some thousands at a time, so that no step takes the server long however many there
/// are. The events of a step are one range of an index. An event that is recorded meanwhile is met or not; every other one is met once.
package struct EventWalk: Sendable {
    private enum Place {
        /// Before the events that happened before that time; nil: before all of them.
        case before(Timestamp?)
        /// Among the events of that instant: before those with smaller ids than that one; nil: before all of the instant's.
        case at(Timestamp, below: EventID?)
        case end
    }

    private let all: Document
    private let from: Timestamp?
    private var place: Place
    /// The maximum of events in a step. It is halved when the server takes too long for as many.
    private var size: Int

    package static let step = 20_000
    private static let smallest = 500

    package init(over range: TimeRange, of user: UserID, in tenant: Tenant, step: Int = EventWalk.step) {
        all = ["_id.shop_id": .id(tenant.shop), "_id.user_id": .id(user)]
        from = range.ofEvents.from
        place = .before(range.to)
        size = step
    }

    package var isOver: Bool {
        if case .end = place { true } else { false }
    }

    /// Adds the next events to the sums. Throws `overloaded` when the server takes too long for even a few.
    package mutating func step<Sums: EventSums>(into sums: inout Sums, _ reading: Reading) throws {
        do {
            let (events, next) = try self.next(reading)
            try sums.add(EventStep(filter: events), reading)
            place = next
        } catch let error as MongoError where error.kind == .timeout {
            guard size > Self.smallest else { throw StoreError(.overloaded, "A step over events takes too long: \(error)") }
            size /= 2
        }
    }

    /// The next events, and the place behind them.
    private func next(_ reading: Reading) throws -> (events: Document, then: Place) {
        var events = all
        switch place {
        case .before(let end):
            events.keep("at", in: TimeRange(from: from, to: end))
            guard let last = try last(of: events, reading) else { return (events, .end) }
            // As many events as there are may be of one instant: those of the last one are taken by their ids.
            events.keep("at", in: TimeRange(from: last.at.adding(milliseconds: 1), to: end))
            return (events, .at(last.at, below: nil))
        case .at(let time, let id):
            events["at"] = .time(time)
            if let id { events["_id.event_id"] = ["$lt": .id(id)] }
            guard let last = try last(of: events, reading) else { return (events, .before(time)) }
            events["_id.event_id"] = .document([("$gte", .id(last.id))] + (id.map { [("$lt", .id($0))] } ?? []))
            return (events, .at(time, below: last.id))
        case .end: return (events, .end)
        }
    }

    /// The last event that a step can have; nil when there are not as many. The index alone answers this.
    private func last(of events: Document, _ reading: Reading) throws -> TimedKey<EventID>? {
        try reading.findOne(
            UsageEvents.schema.name, events, sort: ["at": -1, "_id.event_id": -1], projection: ["at": 1, "_id.event_id": 1], skip: size - 1
        ).map { TimedKey(at: try $0.time("at"), id: try $0.document("_id").id("event_id")) }
    }
}

/// Some events of a user.
package struct EventStep {
    let filter: Document
}

/// Sums that are added up from steps of events.
package protocol EventSums: Sendable {
    mutating func add(_ events: EventStep, _ reading: Reading) throws

    /// Whether it has more groups than may be kept in memory.
    var isTooLarge: Bool { get }
}

/// 128 bits that stand for a text, so that a set of a million texts takes some 30 MB. They are of this process alone.
struct TextDigest: Hashable {
    private let first: Int
    private let second: Int

    init(_ texts: [String?]) {
        func hash(_ number: UInt8) -> Int {
            var hasher = Hasher()
            hasher.combine(number)
            texts.hashBytes(into: &hasher)
            return hasher.finalize()
        }
        (first, second) = (hash(1), hash(2))
    }
}
