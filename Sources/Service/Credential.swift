package import Metering
package import Store

/// Who is calling, after authentication.
package enum Credential: Sendable {
    case admin
    case shop(Tenant, scopes: Set<Scope>)
    case endUser(Tenant, UserID)
}
