import HTTP
import Metering
import Service
import Web

/// Lets requests in, by the limits of their callers.
struct Admission: Sendable {
    let service: ShopMeter

    /// Runs the rest of a request, when it is let in, in the places and the share of the shop that calls. A heavy read has one of its shop's places until its body is written, and computes on a
    /// thread of its own kind.
    func enter(
        _ credential: Credential, _ route: Route, _ rest: @escaping @Sendable () async throws -> Response
    ) async throws -> Response {
        try await service.enter(credential, as: route.rateClass)
        guard let shop = credential.shop else { return try await rest() }
        return try await service.serving(shop) { try await enter(credential, isHeavy: route.isHeavy, rest) }
    }

    private func enter(
        _ credential: Credential, isHeavy: Bool, _ rest: @escaping @Sendable () async throws -> Response
    ) async throws -> Response {
        guard isHeavy else { return try await rest() }
        let place = try await service.takePlace(for: credential)
        return try await withTaskExecutorPreference(OwnThread.heavyReads) {
            var response = try await rest()
            guard case .stream(let write) = response.body else {
                place?.leave()
                return response
            }
            response.body = .stream { writer in
                defer { place?.leave() }
                try await withTaskExecutorPreference(OwnThread.heavyReads) { try await write(writer) }
            }
            return response
        }
    }
}

extension Route {
    /// In bytes: a body over it takes longer to read than a brief request may.
    private static var largeBody: Int { 16 * 1024 }

    /// Where a request of the route runs: brief ones on the thread of their connections, and those with a large body where nobody waits for them;
    /// nil for the process's own threads.
    func executor(for request: Request, on thread: (any TaskExecutor)?) -> (any TaskExecutor)? {
        if request.body.count > Self.largeBody { return OwnThread.largeBodies }
        return isBrief ? thread : nil
    }

    /// The class by which a request of the route is limited.
    var rateClass: RateClass {
        if isHeavy { return .export }
        guard case .shop(let scope, _) = access, method != .get else { return .read }
        return scope == .usage ? .usage : .billing
    }
}

extension RateExcess {
    /// With the headers of draft-ietf-httpapi-ratelimit-headers: the policy (q requests in w seconds) and what is left of it (r, for t seconds).
    var problem: Problem {
        let seconds = max(1, (milliseconds + 999) / 1_000)
        return Problem(
            .rateLimited, "at most \(limit.perSecond) a second are let in in the long run, and \(limit.burst) at once: \(name)",
            headers: Headers([
                "retry-after": "\(seconds)", "ratelimit-policy": "\"\(name)\";q=\(limit.burst);w=\(limit.window)",
                "ratelimit": "\"\(name)\";r=0;t=\(seconds)",
            ]))
    }
}
