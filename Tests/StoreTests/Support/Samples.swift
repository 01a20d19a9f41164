import Metering
import Mongo
import StoreSupport

@testable import Store

let start = Timestamp(rfc3339: "2026-11-10T12:00:00Z") ?? Timestamp(milliseconds: 0)

func plan(tokens: Quantity?) -> Plan {
    Plan(
        name: .free, displayName: "Free", monthlyFee: .zero, currency: Currency(stored: "EUR"), allowances: [.tokens: Limit(tokens)])
}

/// A store on an empty database, with its collections.
func withStore(_ body: (MeterStore) async throws -> Void) async throws {
    try await withTestStore { store, _ in try await body(store) }
}
