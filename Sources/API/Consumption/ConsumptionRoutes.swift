import HTTP
import JSON
import Metering
import Service
import Web

/// What users consume in a month: API calls, which a shop's backend reports here, and tokens.
struct ConsumptionRoutes: Sendable {
    let service: ShopMeter

    static let tag = "consumption"

    var all: [Route] { [post, list, get] }

    private var post: Route {
        Route(
            .post, "/v1/consumption", id: "recordConsumption", "Count API calls",
            description: "Each request counts; with an `Idempotency-Key`, once for it.", tag: Self.tag, access: .shop(.billing),
            idempotency: .key, body: .json(ConsumptionInput.schema),
            answers: [
                .json(201, "They are counted", CountedConsumption.schema),
                .json(200, "They were counted before: the first answer", CountedConsumption.schema),
            ],
            problems: [.conflict], handle: count)
    }

    private func count(_ call: Call) async throws -> Response {
        let request = try ConsumptionInput.request(call.fields)
        let once: IdempotentRequest<CountedConsumption>? = try call.once(as: "POST /v1/consumption") { $0.json }
        return try await service.countConsumption(request, of: call.tenant, once: once).response { .json(201, $0.json) }
    }

    private var list: Route {
        Route(
            .get, "/v1/consumption", id: "listConsumption", "The API calls that were counted", tag: Self.tag,
            access: .shop(.billingRead, endUser: true),
            parameters: [
                .query("user_id", .clientID, "An end user's token may leave it out."), .query("from", .date, "The first day."),
                .query("to", .date, "The last day."),
            ] + Page.parameters,
            answers: [.json(200, "Calls by user, day and endpoint, the last first", Page.schema(of: ConsumptionEntry.schema))]
        ) { call in
            let list = ConsumptionList(
                of: try call.parameters.identifier(ifAny: "user_id"),
                from: try call.parameters.value(ifAny: "from", CivilDay.init(iso:)),
                to: try call.parameters.value(ifAny: "to", CivilDay.init(iso:)))
            return try await call.answer("consumption", list, keyedBy: .place, from: service) { .object($0.object) }
        }
    }

    private var get: Route {
        Route(
            .get, "/v1/billing/consumption", id: "getConsumptionReport", "What a user consumed in a month",
            description: "Months and days are those of UTC. Limits are of a month; they warn, and refuse nothing.", tag: Self.tag,
            access: .shop(.billingRead, endUser: true),
            parameters: [
                .query("month", .month, "The present one, when left out."),
                .query("user_id", .clientID, "An end user's token may leave it out.", required: true),
            ],
            answers: [
                .json(
                    200, "The consumption; zeros when there is none", ConsumptionReport.schema,
                    headers: [("X-Billing-Alert", "`soft_limit_warning` from 80 % of a limit on, `hard_limit_reached` from 100 %.")])
            ], handle: report)
    }

    private func report(_ call: Call) async throws -> Response {
        let report = try await service.consumption(
            of: try call.parameters.identifier("user_id"), in: call.tenant,
            month: try call.parameters.value(ifAny: "month", CivilMonth.init(iso:)))
        var response = Response.json(200, report.json)
        if let level = report.consumption.level { response.headers.add("x-billing-alert", level.header) }
        return response
    }
}
