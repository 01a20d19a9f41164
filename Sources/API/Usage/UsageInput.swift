import JSON
import Metering
import Service
import Web

/// An event as a client reports it.
enum UsageInput {
    static let schema = Schema.object(
        [
            .optional("event_id", .clientID, "The event is recorded once for it; made when it is left out."),
            .required("user_id", .clientID), .optional("meter", .identifier, default: "tokens"), .required("amount", .quantity),
            .optional("enforce", .boolean, "Refuse with 402, and record nothing, when too little is left.", default: false),
        ] + detailFields
    ).named("UsageEvent").sampled(["event_id": "q-1", "user_id": "ada", "amount": 120, "dimensions": ["model": "gpt-4o"], "enforce": true])

    /// The fields of an event beside its user, its meter and its amount.
    static let detailFields: [Schema.Field] = [
        .optional("occurred_at", .time, "At most 35 days back and 5 minutes ahead; now, when left out."),
        .optional("reference_id", .clientID), .optional("description", .string(0...1000)),
        .optional("dimensions", .map(values: .string(1...256), maximumCount: 20), "What breakdowns group by."),
        .optional("details", .any, "Any JSON of at most \(UsageContent.maximumDetails) bytes, kept with the event."),
    ]

    /// Reads checked fields. `id` gives the event's id when they have none.
    static func command(_ fields: JSON.Object, of tenant: Tenant, id: () throws -> EventID) throws -> UsageCommand {
        var content = try details(fields)
        content.meter = try fields.identifier(ifAny: "meter") ?? .tokens
        content.amount = try fields.integer("amount")
        return UsageCommand(
            tenant: tenant, user: try fields.identifier("user_id"), event: try fields.identifier(ifAny: "event_id") ?? id(),
            content: content, enforce: try fields.bool(ifAny: "enforce") ?? false)
    }

    /// Reads `detailFields`; the meter and the amount are left to the caller.
    static func details(_ fields: JSON.Object) throws -> UsageContent {
        UsageContent(
            amount: 0, occurredAt: try fields.time(ifAny: "occurred_at"), referenceID: try fields.text(ifAny: "reference_id"),
            description: try fields.text(ifAny: "description"), dimensions: try dimensions(fields), details: try keptDetails(fields))
    }

    private static func keptDetails(_ fields: JSON.Object) throws -> String? {
        guard let details = fields["details"], details != .null else { return nil }
        let bytes = details.encoded
        guard bytes.count <= UsageContent.maximumDetails else {
            throw Problem.invalid("details", "expected at most \(UsageContent.maximumDetails) bytes of JSON, and these are \(bytes.count)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func dimensions(_ fields: JSON.Object) throws -> [String: String] {
        guard let object = try fields.object(ifAny: "dimensions") else { return [:] }
        var dimensions: [String: String] = [:]
        for field in object.fields { dimensions[field.name] = field.value.string }
        return dimensions
    }
}
