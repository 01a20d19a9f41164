import JSON
import Metering
import Service
import Web

/// An endpoint as a shop makes it or changes it.
enum WebhookEndpointInput {
    static let types = Schema.enumeration(WebhookType.subscribable.map(\.rawValue)).named("WebhookEventType")
    private static let url = Schema.text(.webhookURL)
    private static let typeList = Schema.array(of: types, count: 1...WebhookType.subscribable.count)

    static let schema = Schema.object([
        .required("url", url, "An `https` address, whose host has a public address."), .required("events", typeList, "What it is told of."),
        .optional("description", .nullable(.string(0...500))), .reason,
    ]).named("WebhookEndpointInput").sampled(["url": "https://shop.example/webhooks", "events": ["alert.crossed", "invoice.issued"]])

    static let changeSchema = Schema.object([
        .optional("url", url), .optional("events", typeList), .optional("description", .nullable(.string(0...500))),
        .optional(
            "status", WebhookEndpoint.statusSchema,
            "`disabled`: what waits for it is given up; `enabled`: it is told of what happens from now on."),
        .reason,
    ]).named("WebhookEndpointChange").sampled(["status": "enabled"])

    static func change(_ fields: JSON.Object) throws -> WebhookEndpointChange {
        var change = WebhookEndpointChange()
        change.url = try fields.text(ifAny: "url")
        change.types = try fields.array(ifAny: "events").map { Set($0.compactMap { $0.string.flatMap(WebhookType.init(rawValue:)) }) }
        if fields["description"] != nil { change.description = .some(try fields.text(ifAny: "description")) }
        change.status = try fields.value(ifAny: "status", WebhookEndpoint.Status.init(rawValue:))
        return change
    }
}

extension WebhookEndpoint {
    static let statusSchema = Schema.choice(of: Status.self, named: "EndpointStatus")

    static let fields: [Schema.Field] = [
        .required("endpoint_id", .identifier), .required("url", .string(1...WebhookURL.maximumLength)),
        .required("events", .array(of: WebhookEndpointInput.types)), .required("description", .nullable(.string(0...500))),
        .required("status", statusSchema),
        .required("disabled_reason", .nullable(.string(1...500)), "Why the service disabled it; null where it did not."),
        .required("failing_since", .nullable(.time), "Since when no delivery succeeded; null while the last one did."),
        .required("created_at", .time),
    ]
    static let schema = Schema.answer(fields).named("WebhookEndpoint")
    static let createdSchema = Schema.answer(
        fields + [.required("secret", .nullable(.string(1...200)), "Signs the messages; shown this once."), .repeated]
    ).named("CreatedWebhookEndpoint")

    var object: JSON.Object {
        JSON.Object([
            "endpoint_id": id.json, "url": url.text.json, "events": .array(types.map(\.rawValue).sorted().map { .string($0) }),
            "description": description.json, "status": .string(status.rawValue), "disabled_reason": disabledReason.json,
            "failing_since": failingSince.json, "created_at": createdAt.json,
        ])
    }

    func json(secret: String?) -> JSON { .object(object.followed(by: ["secret": secret.json])) }
}

extension WebhookSecretRotation {
    static let schema = Schema.answer([
        .required("endpoint_id", .identifier), .required("secret", .nullable(.string(1...200)), "Shown this once."),
        .required("previous_valid_until", .time, "Until then messages are signed by the previous one too."), .repeated,
    ]).named("WebhookSecret")

    func json(secret: String?) -> JSON {
        ["endpoint_id": endpoint.json, "secret": secret.json, "previous_valid_until": previousValidUntil.json]
    }
}
