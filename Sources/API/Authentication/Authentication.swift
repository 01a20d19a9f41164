import Metering
import Service

/// Who a bearer token is: an end user by a JWT, else the platform or a shop by a key.
struct Authentication: Sendable {
    let service: ShopMeter

    /// Nil when it is nobody's, whatever is wrong with it. Throws when that cannot be found out.
    func credential(of token: String) async throws -> Credential? {
        if let endUser = EndUserToken(token), let credential = try await credential(of: endUser) { return credential }
        do { return try await service.authenticate(bearer: token) } catch ServiceError.unauthorized { return nil }
    }

    private func credential(of token: EndUserToken) async throws -> Credential? {
        guard let known = try await service.tokenSecrets(of: token.issuer) else { return nil }
        return try token.user(signedWith: known.secrets, at: known.now).map { .endUser(known.tenant, $0) }
    }
}
