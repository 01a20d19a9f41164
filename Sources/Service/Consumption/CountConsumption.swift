package import Metering
internal import Store

/// Calls of an endpoint as a shop reports them.
package struct ConsumptionRequest: Sendable {
    package let user: UserID
    package let endpoint: String
    package let apiCalls: Quantity
    /// Nil: the shop's today.
    package let day: CivilDay?

    package init(user: UserID, endpoint: String, apiCalls: Quantity = 1, day: CivilDay? = nil) {
        self.user = user
        self.endpoint = endpoint
        self.apiCalls = apiCalls
        self.day = day
    }

    /// Throws `invalid` for a day ahead, or as far back as no event may be.
    fileprivate func entry(at now: Timestamp) throws(ServiceError) -> ConsumptionEntry {
        let today = now.day
        let day = day ?? today
        guard (today.number - ShopMeter.pastDays...today.number).contains(day.number) else {
            throw .invalid(field: "date", expected: "expected a day from \(ShopMeter.pastDays) days back to today, \(today.iso)")
        }
        return ConsumptionEntry(user: user, endpoint: endpoint, day: day, apiCalls: apiCalls)
    }
}

/// What was counted.
package struct CountedConsumption: Equatable, Sendable {
    package let entry: ConsumptionEntry
    /// All calls of the user in the entry's month, after it.
    package let total: Quantity
}

extension ShopMeter {
    /// Counts API calls, each time.
    package func countConsumption(_ request: ConsumptionRequest, of tenant: Tenant) async throws -> CountedConsumption {
        try await countConsumption(request, of: tenant, once: nil).result
    }

    /// Counts API calls, once for an idempotency key.
    package func countConsumption(
        _ request: ConsumptionRequest, of tenant: Tenant, once: IdempotentRequest<CountedConsumption>?
    ) async throws -> IdempotentOutcome<CountedConsumption> {
        try await turns.take(AccountKey(tenant: tenant, user: request.user)) {
            try await self.retryingDuplicates { try await self.tryToCount(request, of: tenant, once: once) }
        }
    }

    private func tryToCount(
        _ request: ConsumptionRequest, of tenant: Tenant, once: IdempotentRequest<CountedConsumption>?
    ) async throws -> IdempotentOutcome<CountedConsumption> {
        let now = try await now(of: tenant)
        return try await transaction { transaction in
            try once.run(of: tenant, at: now, in: transaction) {
                try Self.count(request.entry(at: now), of: tenant, in: transaction)
            }
        }
    }

    private static func count(
        _ entry: ConsumptionEntry, of tenant: Tenant, in transaction: Transaction
    ) throws -> CountedConsumption {
        let before = try ConsumptionLog.total(of: entry.user, in: CivilMonth(of: entry.day), of: tenant, transaction)
        guard entry.apiCalls <= Quantity.largest - before else {
            throw ServiceError.invalid(
                field: "api_calls", expected: "the user's month would pass \(Quantity.largest), the largest quantity")
        }
        let isNew = try ConsumptionLog.add(entry, of: tenant, in: transaction)
        if isNew, try ConsumptionLog.endpoints(of: entry.user, on: entry.day, in: tenant, transaction) > ConsumptionLog.maximumEndpoints {
            throw ServiceError.invalid(
                field: "endpoint",
                expected: "the user has \(ConsumptionLog.maximumEndpoints) endpoints on that day, the most there may be")
        }
        return CountedConsumption(entry: entry, total: before + entry.apiCalls)
    }
}
