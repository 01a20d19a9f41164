import HTTP
import JSON
import Jobs
import Metering
import Web

/// What runs by the clock, for the platform's operator: jobs, and the clock of a test shop, whose move runs what falls due on the way.
struct JobRoutes: Sendable {
    let jobs: JobRunner

    var all: [Route] { [list, moveClock, run] }

    private var list: Route {
        Route(
            .get, "/v1/admin/jobs", id: "listJobs", "How the jobs stand",
            description: "What fails is tried again alone, and holds no other user or shop up.", tag: ShopRoutes.tag, access: .admin,
            answers: [.json(200, "Every job", .answer([.required("data", .array(of: JobStatus.schema))]))]
        ) { _ in .json(200, ["data": .array(try await jobs.statuses().map(\.json))]) }
    }

    private var moveClock: Route {
        Route(
            .post, "/v1/admin/shops/{shop_id}/clock", id: "moveClock", "Move a test shop's clock",
            description: "Forward only. What falls due on the way is done in order, before the answer.", tag: ShopRoutes.tag,
            access: .admin,
            idempotency: .natural("a clock that stands at the time is not moved"), parameters: [ShopRoutes.shopID],
            body: .json(.object([.required("now", .time), .reason])),
            answers: [.json(200, "What was done on the way", ClockMove.schema)], problems: [.notFound, .conflict],
            patience: Patience.operating
        ) { call in
            let move = try await jobs.moveClock(of: try call.parameters.identifier("shop_id"), to: try call.fields.time("now"))
            return .json(200, move.json)
        }
    }

    private var run: Route {
        Route(
            .post, "/v1/admin/jobs/{name}/run", id: "runJob", "Run a job now, for all shops", tag: ShopRoutes.tag, access: .admin,
            idempotency: .natural("a job finds nothing to do where it has run"),
            parameters: [.path("name", .identifier, Job.all.map(\.name).joined(separator: ", "))],
            body: .optional(.object([])), answers: [.json(200, "What the job did", JobReport.schema)],
            problems: [.notFound, .conflict], patience: Patience.operating, handle: runNow)
    }

    private func runNow(_ call: Call) async throws -> Response {
        let name = try call.parameters.text("name")
        guard let job = Job.named(name) else { throw Problem(.notFound, "there is no job \(name)") }
        guard let report = try await jobs.run(job) else {
            throw Problem(.conflict, "the job \(name) runs on another instance just now")
        }
        return .json(200, report.json)
    }
}
