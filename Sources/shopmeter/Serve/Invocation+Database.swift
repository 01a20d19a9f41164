internal import API
internal import Service
internal import Store

/// How a command gets its database.
extension Invocation {
    /// Lends a service on the configured database, and releases it when `body` ends or a signal cancels it. `isPatient` as in `withStore`.
    func withService(
        isPatient: Bool = false, _ body: @escaping @Sendable (ShopMeter) async throws -> Int32
    ) async throws -> Int32 {
        try await withStore(isPatient: isPatient) { store, settings in
            let service = ShopMeter(store: store, settings: settings, webhookBody: WebhookMessage.body)
            defer { service.drain() }
            return try await body(service)
        }
    }

    /// Lends a store, for a command that makes its own services. The database must be there: only `serve` makes one.
    /// - Parameter isPatient: whether the store's calls may take long, as an export's or an audit's do.
    func withStore(
        isPatient: Bool = false, _ body: @escaping @Sendable (MeterStore, Settings) async throws -> Int32
    ) async throws -> Int32 {
        let configuration = try Configuration(self)
        let signals = Signals()
        let access = try DatabaseAccess.shared(configuration, isStopped: { signals.isRaised })
        defer { access.close() }
        let store = try access.store(configuration.database, isPatient: isPatient)
        defer { store.shutdown() }
        try access.announce()
        // A command authenticates nobody, so that it needs no admin token.
        let settings = configuration.settings(adminToken: Secret(""))
        return try await signals.interrupting { try await body(store, settings) }
    }
}
