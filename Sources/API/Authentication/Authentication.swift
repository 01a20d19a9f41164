import JSON
package import Metering
package import Service
import Web

/// Finds out who a bearer token is: an end user by a JWT, else the platform's operator or a shop by a key.
struct Authentication: Sendable {
    let service: ShopMeter

    /// Nil for a token that is nobody's, whatever is wrong with it. Throws when that cannot be found out, and `rateLimited` when too many from
    /// that address were nobody's.
    func credential(of token: String, from address: String?) async throws -> Credential? {
        let endUser = EndUserToken(token)
        let isStranger = endUser.map { service.isStranger($0.issuer) } ?? service.isStranger(bearer: token)
        return try await service.limitingFailures(from: address, needsLookUp: isStranger) {
            if let endUser, let credential = try await credential(of: endUser) { return credential }
            do { return try await service.authenticate(bearer: token, from: address) } catch ServiceError.unauthorized { return nil }
        }
    }

    private func credential(of token: EndUserToken) async throws -> Credential? {
        guard let known = try await service.tokenSecrets(of: token.issuer) else { return nil }
        return try token.user(signedWith: known.secrets, at: known.now).map { .endUser(known.tenant, $0) }
    }
}

extension Route {
    /// The route, whose changes the audit log notes as the caller's.
    func authored(by service: ShopMeter) -> Route {
        handled { call, handle in
            try await service.acting(as: call.author) { try await handle(call) }
        }
    }
}

/// Who is calling, for handlers.
extension Call {
    /// The shop whose data the request is about. Throws on a route that is not a shop's.
    package var tenant: Tenant {
        get throws {
            guard let shop = credential?.shop else { throw WrongRead(what: "the tenant of a route that is not a shop's") }
            return shop
        }
    }

    /// Whether an end user calls.
    var isEndUser: Bool {
        if case .endUser = credential { true } else { false }
    }

    /// Who makes a change, for histories.
    package var actor: Actor {
        switch credential {
        case .shop(_, _, let key): .key(key)
        case .admin: .admin
        case .endUser, nil: .system
        }
    }

    /// Who makes the request's changes, and why: by the body's `reason`, or for a request without a body the query's.
    var author: Author { Author(actor, reason: fields["reason"]?.string ?? parameters["reason"]?.string) }
}
