package import Metering
internal import Store

/// A shop's data a page at a time, in the order of the ids. A page sees what is there when it is read.
extension ShopMeter {
    /// Subscriptions that were made in `[from, to)`.
    package func exportedSubscriptions(
        of tenant: Tenant, from: Timestamp?, to: Timestamp?, after id: SubscriptionID?, limit: Int
    ) async throws -> [Subscription] {
        try await read { try Subscriptions.page(of: tenant, from: from, to: to, after: id, limit: limit, $0) }
    }

    /// Accounts whose current period has a part of `[from, to)`.
    package func exportedAccounts(
        of tenant: Tenant, from: Timestamp?, to: Timestamp?, after user: UserID?, limit: Int
    ) async throws -> [Account] {
        try await read { try Accounts.page(of: tenant, from: from, to: to, after: user, limit: limit, $0) }
    }

    /// Events that happened in `[from, to)`.
    package func exportedEvents(
        of tenant: Tenant, from: Timestamp?, to: Timestamp?, after last: RecordedEvent?, limit: Int
    ) async throws -> [RecordedEvent] {
        try await read { try UsageEvents.page(of: tenant, from: from, to: to, after: last, limit: limit, $0) }
    }
}
