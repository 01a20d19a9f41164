import HTTP
import JSON
import Metering
import Service
import Web

/// Who changed what, when and why.
struct AuditRoutes: Sendable {
    let service: ShopMeter

    static let tag = "audit"
    static let actions = Schema.choice(of: AuditAction.self, named: "AuditAction")

    var all: [Route] { [list] }

    private var list: Route {
        Route(
            .get, "/v1/audit-log", id: "listAuditLog", "Changes of money, plans, clocks and keys", tag: Self.tag, access: .shop(.read),
            parameters: [
                .query("user_id", .clientID, "Those about this user."), .query("action", Self.actions, "Only changes of this kind."),
            ] + Page.parameters,
            answers: [.json(200, "Changes, newest first", Page.schema(of: RecordedAuditEntry.schema))]
        ) { call in
            let list = AuditList(
                of: try call.parameters.identifier(ifAny: "user_id"),
                action: try call.parameters.value(ifAny: "action", AuditAction.init(rawValue:)))
            return try await call.answer("audit_log", list, keyedBy: .timeAndID(), from: service) { .object($0.object) }
        }
    }
}

extension RecordedAuditEntry {
    static let fields: [Schema.Field] = [
        .required("entry_id", .identifier), .required("action", AuditRoutes.actions),
        .required("actor", .string(1...200), "`key:<id>`, `admin`, `stripe`, `command`, `system` or `job:<name>`."),
        .required("reason", .nullable(.string(0...500)), "In the words of whoever made it."),
        .required("user_id", .nullable(.clientID), "Whom it is about."),
        .required("target", .nullable(.string(0...500)), "The id of what was changed."), .required("at", .time),
    ]
    static let schema = Schema.answer(fields).named("AuditEntry")

    var object: JSON.Object {
        JSON.Object([
            "entry_id": id.json, "action": entry.action.json, "actor": entry.author.actor.text.json, "reason": entry.author.reason.json,
            "user_id": entry.user.json, "target": entry.target.json, "at": entry.at.json,
        ])
    }
}

extension AuditEntryID: JSONValue {}
extension AuditAction: JSONValue {}

extension Schema.Field {
    /// Why a change is made. Handlers need not read it: `Call.author` does.
    static let reason = optional("reason", .string(1...500), "Why: the audit log keeps it.")
}

extension Parameter {
    /// Why a change without a body is made.
    static let reason = query("reason", .string(1...500), "Why: the audit log keeps it.")
}
