import HTTP
import JSON
import Metering
import Service
import Web

/// Labels: names for people of the values of dimensions.
struct LabelRoutes: Sendable {
    let service: ShopMeter

    private static let dimension = Parameter.path("dimension", .identifier, "The dimension of events, or `reference_id`.")
    private static let value = Schema.string(1...256)
    private static let label = Schema.string(1...500)

    var all: [Route] { [put, list] }

    private var put: Route {
        let answer = Schema.answer([
            .required("dimension", .identifier), .required("value", Self.value), .required("label", Self.label),
        ]).named("Label")
        return Route(
            .put, "/v1/labels/{dimension}/{value}", id: "putLabel", "Name a dimension's value for people",
            description: "It is joined into breakdowns: `voice_name` for `voice_slug`, `document_title` for `reference_id`.",
            tag: UsageRoutes.tag, access: .shop(.usage),
            parameters: [Self.dimension, .path("value", Self.value, "The value, percent-encoded.")],
            body: .json(.object([.required("label", Self.label)])),
            answers: [.json(200, "It has another name now", answer), .json(201, "It has a name", answer)], handle: putLabel)
    }

    private func putLabel(_ call: Call) async throws -> Response {
        let key = LabelKey(dimension: try call.parameters.text("dimension"), value: try call.parameters.text("value"))
        let label = try call.fields.text("label")
        let isNew = try await service.putLabel(label, on: key, in: call.tenant)
        return .json(isNew ? 201 : 200, ["dimension": key.dimension.json, "value": key.value.json, "label": label.json])
    }

    private var list: Route {
        let item = Schema.answer([.required("value", Self.value), .required("label", Self.label)]).named("LabelledValue")
        return Route(
            .get, "/v1/labels/{dimension}", id: "listLabels", "The names of a dimension's values", tag: UsageRoutes.tag,
            access: .shop(.read),
            parameters: [Self.dimension] + Page.parameters,
            answers: [.json(200, "In the order of the values", Page.schema(of: item))], handle: listLabels)
    }

    private func listLabels(_ call: Call) async throws -> Response {
        let list = LabelList(of: try call.parameters.text("dimension"))
        return try await call.answer("labels", list, keyedBy: .text(Self.value), from: service) {
            ["value": $0.value.json, "label": $0.label.json]
        }
    }
}
