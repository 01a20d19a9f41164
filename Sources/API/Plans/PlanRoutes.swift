import HTTP
import JSON
import Metering
import Service
import Web

/// The plans of a shop's catalog.
struct PlanRoutes: Sendable {
    let service: ShopMeter

    static let tag = "plans"
    private static let planName = Parameter.path("plan_name")

    var all: [Route] { [put, list, get] }

    private var put: Route {
        Route(
            .put, "/v1/plans/{plan_name}", id: "putPlan", "Put a plan into the catalog",
            description: "Subscriptions keep what was agreed when they were made.", tag: Self.tag, access: .shop(.manage),
            parameters: [Self.planName], body: .json(PlanInput.schema),
            answers: [.json(201, "The plan is new", Plan.schema), .json(200, "The plan was replaced", Plan.schema)],
            problems: [.conflict], handle: putPlan)
    }

    private func putPlan(_ call: Call) async throws -> Response {
        let tenant = try call.tenant
        let currency = try await service.shopCurrency(of: tenant)
        let plan = try PlanInput.plan(try call.parameters.identifier("plan_name"), call.fields, shopCurrency: currency)
        let isNew = try await service.putPlan(plan, of: tenant)
        return .json(isNew ? 201 : 200, plan.json)
    }

    private var list: Route {
        Route(
            .get, "/v1/plans", id: "listPlans", "The plans", tag: Self.tag, access: .shop(.read), parameters: Page.parameters,
            answers: [.json(200, "Plans in the order of their names, with the free one", Page.schema(of: Plan.schema))],
            handle: listPlans)
    }

    /// Reads all plans of the shop, as there are few, and answers with a page of them.
    private func listPlans(_ call: Call) async throws -> Response {
        try await call.answer("plans", keyedBy: .id, key: \Plan.name, json: \.json) { last, limit in
            let plans = try await service.plans(of: call.tenant).filter { plan in last.map { $0 < plan.name } ?? true }
            return Array(plans.prefix(limit))
        }
    }

    private var get: Route {
        Route(
            .get, "/v1/plans/{plan_name}", id: "getPlan", "A plan", tag: Self.tag, access: .shop(.read), parameters: [Self.planName],
            answers: [.json(200, "The plan", Plan.schema)], problems: [.notFound]
        ) { call in .json(200, try await service.plan(try call.parameters.identifier("plan_name"), of: call.tenant).json) }
    }
}
