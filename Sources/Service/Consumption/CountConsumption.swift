package import Metering
internal import Store

/// A number of API calls of one endpoint, as a shop reports it.
package struct ConsumptionRequest: Sendable {
    package let user: UserID
    package let endpoint: String
    package let apiCalls: Quantity
    /// Nil: today, by the shop's time.
    package let day: CivilDay?

    package init(user: UserID, endpoint: String, apiCalls: Quantity = 1, day: CivilDay? = nil) {
        self.user = user
        self.endpoint = endpoint
        self.apiCalls = apiCalls
        self.day = day
    }

    /// The entry for the log. Throws `invalid` for a day after today, or more than `pastDays` before it.
    fileprivate func entry(at now: Timestamp) throws(ServiceError) -> ConsumptionEntry {
        let today = now.day
        let day = day ?? today
        guard (today.number - ShopMeter.pastDays...today.number).contains(day.number) else {
            throw .invalid(field: "date", expected: "expected a day from \(ShopMeter.pastDays) days back to today, \(today.iso)")
        }
        return ConsumptionEntry(user: user, endpoint: endpoint, day: day, apiCalls: apiCalls)
    }
}

/// An entry that was counted.
package struct CountedConsumption: Equatable, Sendable {
    package let entry: ConsumptionEntry
    /// The sum of the user's calls in the entry's month, with the entry.
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
        try await accountMutex.withLock(AccountKey(tenant: tenant, user: request.user)) {
            try await self.retryingDuplicates { try await self.tryToCount(request, of: tenant, once: once) }
        }
    }

    private func tryToCount(
        _ request: ConsumptionRequest, of tenant: Tenant, once: IdempotentRequest<CountedConsumption>?
    ) async throws -> IdempotentOutcome<CountedConsumption> {
        let now = try await now(of: tenant)
        return try await transaction { transaction in
            try once.run(of: tenant, in: transaction) {
                try Self.count(request.entry(at: now), of: tenant, in: transaction)
            }
        }
    }

    private static func count(
        _ entry: ConsumptionEntry, of tenant: Tenant, in transaction: Transaction
    ) throws -> CountedConsumption {
        let before = try ConsumptionMonths.calls(of: entry.user, in: CivilMonth(of: entry.day), of: tenant, transaction)
        guard entry.apiCalls <= Quantity.largest - before else {
            throw ServiceError.invalid(
                field: "api_calls", expected: "the user's month would pass \(Quantity.largest), the largest quantity")
        }
        let isNew = try ConsumptionLog.add(entry, of: tenant, in: transaction)
        if isNew, try ConsumptionLog.endpoints(of: entry.user, on: entry.day, in: tenant, transaction) > ConsumptionEntry.maximumEndpoints {
            throw ServiceError.invalid(
                field: "endpoint",
                expected: "the user has \(ConsumptionEntry.maximumEndpoints) endpoints on that day, the most there may be")
        }
        return CountedConsumption(entry: entry, total: before + entry.apiCalls)
    }
}
