package import Metering
package import Store

/// The key to a shop's data, for the rooms above that pass it on and never meet `Store`.
package typealias Tenant = Store.Tenant

/// Who is calling, after authentication.
package enum Credential: Sendable {
    case admin
    case shop(Tenant, scopes: Set<Scope>, key: KeyID)
    case endUser(Tenant, UserID)
}
