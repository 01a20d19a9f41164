import Metering
import Mongo
import Support

@testable import Store

let start = Timestamp(rfc3339: "2026-11-10T12:00:00Z") ?? Timestamp(milliseconds: 0)

func plan(tokens: Quantity?) -> Plan {
    Plan(
        name: .free, displayName: "Free", monthlyFee: .zero, currency: Currency(stored: "EUR"), allowances: [.tokens: Limit(tokens)])
}

/// A store on an empty database, with its collections.
func withStore(_ body: (MeterStore) async throws -> Void) async throws {
    try await withTestDatabase { database in
        let store = MeterStore(database: database)
        try store.prepare()
        try await body(store)
    }
}

/// Sebastiano Vigna's splitmix64: the same numbers in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
