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
            do { return try await service.authenticate(bearer: token) } catch ServiceError.unauthorized { return nil }
        }
    }

    private func credential(of token: EndUserToken) async throws -> Credential? {
        guard let known = try await service.tokenSecrets(of: token.issuer) else { return nil }
        return try token.user(signedWith: known.secrets, at: known.now).map { .endUser(known.tenant, $0) }
    }
}

extension Route {
    /// The route, whose requests take the places and the share of the shop that calls.
    func shared(by service: ShopMeter) -> Route {
        handled { call, handle in
            guard let shop = call.shop else { return try await handle(call) }
            return try await service.serving(shop) { try await handle(call) }
        }
    }
}

/// Who is calling, for handlers.
extension Call {
    /// The shop whose data the request is about. Throws on a route that is not a shop's.
    package var tenant: Tenant {
        get throws {
            guard let shop else { throw WrongRead(what: "the tenant of a route that is not a shop's") }
            return shop
        }
    }

    /// Whether an end user calls.
    var isEndUser: Bool {
        if case .endUser = credential { true } else { false }
    }

    /// The shop that calls, itself or by one of its users; nil for the platform's operator, and where nobody needs a credential.
    fileprivate var shop: Tenant? {
        switch credential {
        case .shop(let tenant, _, _), .endUser(let tenant, _): tenant
        case .admin, nil: nil
        }
    }

    /// Who makes a change, for histories.
    package var actor: Actor {
        if case .shop(_, _, let key) = credential { .key(key) } else { .system }
    }
}
