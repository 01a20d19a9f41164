internal import Metering
internal import Service
package import Web

/// One request, for a log.
package struct LogEntry: Sendable {
    package let requestID: String
    /// `-` when there was no request.
    package let method: String
    /// The pattern of the request's route; its path, when it found no route.
    package let route: String
    package let status: Int
    package let duration: Duration
    let caller: Credential?
    /// Why it was refused, or failed.
    package let problem: ProblemCode?
    /// The trace that the request is a part of, as its `traceparent` says.
    package let trace: TraceContext?
}

extension LogEntry {
    /// The shop that called, itself or by one of its users.
    package var shop: String? { caller?.shopID?.rawValue }

    /// What it called by: the id of a shop's key, `admin` or `user`.
    package var key: String? {
        switch caller {
        case .shop(_, _, let key): key.rawValue
        case .admin: "admin"
        case .endUser: "user"
        case nil: nil
        }
    }
}
