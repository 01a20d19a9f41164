import HTTP
import JSON
import Metering
import Service
import Web

/// A shop's analytics: now, and day by day.
struct AnalyticsRoutes: Sendable {
    let service: ShopMeter

    static let tag = "analytics"

    var all: [Route] { [now, daily, margin] }

    private var now: Route {
        Route(
            .get, "/v1/analytics", id: "getAnalytics", "The shop now", tag: Self.tag, access: .shop(.read),
            answers: [.json(200, "The shop's numbers", ShopReport.schema)], isHeavy: true
        ) { call in .json(200, try await service.analytics(of: call.tenant).json) }
    }

    private var daily: Route {
        Route(
            .get, "/v1/analytics/daily", id: "listDailyAnalytics", "The shop day by day",
            description: "As each day (UTC) ended; kept by the timer.", tag: Self.tag,
            access: .shop(.read),
            parameters: [.query("from", .date, "The first day."), .query("to", .date, "The last day.")] + Page.parameters,
            answers: [.json(200, "Days in order", Page.schema(of: AnalyticsDay.schema))], handle: listDays)
    }

    private var margin: Route {
        let grouping = Schema.choice(of: MarginGrouping.self, named: "MarginGrouping")
        return Route(
            .get, "/v1/analytics/margin", id: "getMargins", "What the use of models brought, and what it cost the shop",
            description: "Of at most \(Margins.maximumDays) days; the last 30 when left out.", tag: Self.tag, access: .shop(.billingRead),
            parameters: [.query("group_by", grouping, "`model`, when left out.")] + UsageRoutes.range,
            answers: [.json(200, "The margins", MarginReport.schema)], isHeavy: true
        ) { call in
            let grouping = try call.parameters.value(ifAny: "group_by", MarginGrouping.init(rawValue:)) ?? .model
            let range = TimeRange(from: try call.parameters.time(ifAny: "from"), to: try call.parameters.time(ifAny: "to"))
            return .json(200, try await service.margins(of: call.tenant, by: grouping, over: range).json)
        }
    }

    private func listDays(_ call: Call) async throws -> Response {
        let from = try call.parameters.value(ifAny: "from", CivilDay.init(iso:))
        let to = try call.parameters.value(ifAny: "to", CivilDay.init(iso:))
        return try await call.answer(
            "analytics", keyedBy: .day, key: { (item: (day: AnalyticsDay, currency: Currency)) in item.day.day },
            json: { $0.day.json(in: $0.currency) },
            read: { last, limit in
                let (currency, days) = try await service.analyticsDays(of: call.tenant, from: from, to: to, after: last, limit: limit)
                return days.map { ($0, currency) }
            })
    }
}
