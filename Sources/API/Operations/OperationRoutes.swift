import HTTP
import JSON
import Jobs
import Service
import Web

/// Health checks, for those who run the service; open, without credentials.
struct OperationRoutes: Sendable {
    let service: ShopMeter
    let jobs: JobRunner
    let version: String

    static let tag = "operating"

    var all: [Route] { [health, readiness] }

    private var health: Route {
        let (json, text) = (Response.json(200, ["status": "ok", "version": version.json]), Response.text(200, "ok\n", as: MediaType.plain))
        return Route(
            .get, "/healthz", id: "getHealth", "Whether the process is alive", tag: Self.tag, open: .open,
            answers: [
                .json(
                    200, "It is", .answer([.required("status", .enumeration(["ok"])), .required("version", .string(1...64))]),
                    or: [MediaType.plain])
            ]
        ) { call in
            call.mediaType == MediaType.plain ? text : json
        }
    }

    private static let ready = Schema.answer([
        .required("status", .enumeration(["ready"])),
        .required("jobs_stuck", .quantity, "Users and shops whose part of a job fails: `GET /v1/admin/jobs` names them."),
    ])

    private var readiness: Route {
        Route(
            .get, "/readyz", id: "getReadiness", "Whether the database can be reached", tag: Self.tag, access: .open,
            answers: [.json(200, "It can", Self.ready)], problems: [.databaseUnavailable], isBrief: true
        ) { _ in
            guard await service.isReady() else { throw Problem(.databaseUnavailable) }
            return .json(200, ["status": "ready", "jobs_stuck": jobs.stuck.json])
        }
    }
}
