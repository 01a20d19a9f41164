import HTTP
import JSON
import Metering
import Service
import Web

/// The usage of users by the dimensions of their events.
struct BreakdownRoutes: Sendable {
    let service: ShopMeter

    private static let userID = Parameter.clientID("user_id")

    var all: [Route] { [breakdown, engagement] }

    private var breakdown: Route {
        Route(
            .get, "/v1/usage/{user_id}/breakdown", id: "getUsageBreakdown", "Use by dimensions",
            description: "Of the current period; with `from` or `to`, of that time. Largest first.", tag: UsageRoutes.tag,
            access: .shop(.read, endUser: true),
            parameters: [
                Self.userID, .query("meter", .identifier, "What is counted.", default: "tokens"),
                .query("group_by", .string(1...700), "Dimensions or `reference_id`, separated by commas; without it, one row."),
            ] + UsageRoutes.range + Page.parameters,
            answers: [.json(200, "A row for each group", UsageBreakdown.schema)], isHeavy: true, handle: breakDown)
    }

    private func breakDown(_ call: Call) async throws -> Response {
        let user: UserID = try call.parameters.identifier("user_id")
        let page = try call.page(of: "breakdown", keyedBy: [.quantity])
        let offset = Int(page.after?.first?.integer ?? 0)
        let breakdown = try await service.breakdown(
            of: try call.parameters.identifier("meter"), for: user, in: call.tenant, by: try Self.grouping(call),
            over: TimeRange(from: try call.parameters.time(ifAny: "from"), to: try call.parameters.time(ifAny: "to")), skipping: offset,
            limit: page.readLimit)
        let shown = breakdown.groups.prefix(page.limit)
        let more = breakdown.groups.count > page.limit
        let next = more ? Cursor(list: "breakdown", key: [(offset + page.limit).json]) : nil
        return .json(
            200,
            .object(
                breakdown.heading(of: user).followed(
                    by: JSON.Object(["data": .array(shown.map(breakdown.row)), "next_cursor": JSON(try next?.text)]))))
    }

    private static func grouping(_ call: Call) throws -> UsageGrouping {
        let names = try call.parameters.text(ifAny: "group_by")?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard let grouping = UsageGrouping(names ?? []) else {
            throw Problem.invalid(
                "group_by",
                "expected up to \(UsageGrouping.maximumNames) different names of dimensions, none of them amount, count, page_count or what another's label is called"
            )
        }
        return grouping
    }

    private var engagement: Route {
        Route(
            .get, "/v1/usage/{user_id}/engagement", id: "getEngagement", "What a user did with voices and documents, ever",
            tag: UsageRoutes.tag,
            access: .shop(.read, endUser: true), parameters: [Self.userID],
            answers: [.json(200, "The totals", UserEngagement.schema)], isHeavy: true
        ) { call in .json(200, try await service.engagement(of: try call.parameters.identifier("user_id"), in: call.tenant).json) }
    }
}
