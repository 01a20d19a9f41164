package import Metering

/// Whose data a call is about. Only this room can make one (its initializer is the synthesized, internal one): from a credential that was found, or for a job that walks over the shops.
/// So a query that forgets its shop does not compile, and no text from a request can name another shop.
package struct Tenant: Hashable, Sendable {
    package let shop: ShopID
}
