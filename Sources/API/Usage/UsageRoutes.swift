import Crypto
import HTTP
import JSON
import Metering
import Service
import Web

/// Usage events, and the usage of users.
struct UsageRoutes: Sendable {
    let service: ShopMeter

    static let tag = "usage"
    private static let userID = Parameter.clientID("user_id")

    var all: [Route] { [post, postBatch, get, getEvents] }

    private var post: Route {
        Route(
            .post, "/v1/usage", id: "recordUsage", "Record an event",
            description: "Once for its id, which is the body's `event_id`, else the `Idempotency-Key`. It is on disk before the answer.",
            tag: Self.tag, access: .shop(.usage), idempotency: .id("event_id", orKey: true),
            body: .forms(UsageInput.schema, CloudEvents.one),
            answers: [
                .json(201, "The event is recorded", UsageAnswer.schema),
                .json(200, "It was recorded before: the first answer", UsageAnswer.schema),
            ],
            problems: [.usageLimitExceeded], isBrief: true, handle: record)
    }

    private func record(_ call: Call) async throws -> Response {
        let key = try call.idempotencyKey.map(EventID.init(stored:))
        var command = try UsageInput.command(call.fields, of: call.tenant) { try key ?? service.newEventID() }
        command.comparesContent = !CloudEvents.isMeant(by: call.request)
        let answer = try await service.recordUsage(command)
        return .json(answer.isDuplicate ? 200 : 201, written: answer.json)
    }

    private var get: Route {
        Route(
            .get, "/v1/usage/{user_id}", id: "getUsage", "What a user has and has used",
            description: "With `at` as it was then, by all that the log says up to that instant.", tag: Self.tag,
            access: .shop(.read, endUser: true),
            parameters: [Self.userID, .query("at", .time, "An instant that has passed; left out, the present.")],
            answers: [.json(200, "The summary", UsageSummary.schema)], isBrief: true
        ) { call in
            let user: UserID = try call.parameters.identifier("user_id")
            guard let time = try call.parameters.time(ifAny: "at") else {
                return .json(200, try await service.usage(of: user, in: call.tenant).json)
            }
            return .json(200, try await service.usage(of: user, in: call.tenant, at: time).json)
        }
    }

    private var getEvents: Route {
        Route(
            .get, "/v1/usage/{user_id}/events", id: "listUsageEvents", "The audit log of a user", tag: Self.tag,
            access: .shop(.read, endUser: true),
            parameters: [Self.userID] + Self.range + [.query("meter", .identifier, "Only those on this meter.")] + Page.parameters,
            answers: [.json(200, "Events, newest first", Page.schema(of: RecordedEvent.schema))], handle: listEvents)
    }

    /// The time range `[from, to)` of a list.
    static let range: [Parameter] = [
        .query("from", .time, "The earliest time."), .query("to", .time, "The time before which."),
    ]

    private func listEvents(_ call: Call) async throws -> Response {
        let parameters = call.parameters
        let list = EventList(
            of: try parameters.identifier("user_id"),
            in: TimeRange(from: try parameters.time(ifAny: "from"), to: try parameters.time(ifAny: "to")),
            meter: try parameters.identifier(ifAny: "meter"))
        return try await call.answer("usage_events", list, keyedBy: .timeAndID(), from: service, json: \.json)
    }
}

/// Many events in one request.
extension UsageRoutes {
    private var postBatch: Route {
        Route(
            .post, "/v1/usage/batch", id: "recordUsageBatch", "Record many events",
            description: "Each on its own: a bad one does not fail the others.",
            tag: Self.tag, access: .shop(.usage), idempotency: .id("events[].event_id", orKey: true),
            body: .forms(
                .object([
                    .required("events", .array(of: .documented(UsageInput.schema), count: 1...ShopMeter.maximumBatch))
                ]), CloudEvents.batch),
            answers: [
                .json(200, "What became of each, in order", .answer([.required("results", .array(of: BatchResult.schema))]))
            ], handle: recordBatch)
    }

    private func recordBatch(_ call: Call) async throws -> Response {
        let (tenant, key) = (try call.tenant, try call.idempotencyKey)
        let comparesContent = !CloudEvents.isMeant(by: call.request)
        service.charge(try call.fields.array("events").count - 1, to: tenant, as: .usage)
        let read = try call.fields.array("events").enumerated().map { index, event in
            try Self.command(event, of: tenant, comparing: comparesContent) { try Self.eventID(index, of: key) ?? service.newEventID() }
        }
        var outcomes = await service.recordUsage(read.compactMap { try? $0.get() }).makeIterator()
        let results = zip(read, try call.fields.array("events")).map { command, event in
            Self.result(command.flatMap { _ in (outcomes.next() ?? .failure(.overloaded)).mapError(\.problem) }, of: event)
        }
        if let failure = Self.failure(of: results) { throw failure }
        let body = ObjectWriter.object(capacity: 512 * results.count) { answer in
            answer.array("results", results) { $1.write(into: &$0) }
        }
        return .json(200, written: body)
    }

    private static func command(
        _ event: JSON, of tenant: Tenant, comparing comparesContent: Bool, id: () throws -> EventID
    ) throws -> Result<UsageCommand, Problem> {
        var event = event
        let errors = UsageInput.schema.read(&event)
        guard errors.isEmpty, let fields = event.object else { return .failure(.invalid(errors)) }
        var command = try UsageInput.command(fields, of: tenant, id: id)
        command.comparesContent = comparesContent
        return .success(command)
    }

    /// Makes the id of an event that has none, in a batch with an `Idempotency-Key`: from the key and the event's index, so that the batch
    /// sent again has the same ids. Nil without a key.
    private static func eventID(_ index: Int, of key: String?) throws -> EventID? {
        guard let key else { return nil }
        return EventID(stored: "evt_" + Hex.text(try SHA256.hash("\(key)\n\(index)").prefix(16)))
    }

    private static func result(_ outcome: Result<UsageAnswer, Problem>, of event: JSON) -> BatchResult {
        switch outcome {
        case .success(let answer): .recorded(answer)
        case .failure(let problem): .rejected(eventID: event["event_id"]?.string.flatMap { $0.utf8.contains(0) ? nil : $0 }, problem)
        }
    }

    /// The first problem, when the service failed for every event: then the client sends the batch again as a whole. Else nil.
    private static func failure(of results: [BatchResult]) -> Problem? {
        results.allSatisfy { $0.failure != nil } ? results.first?.failure : nil
    }
}
