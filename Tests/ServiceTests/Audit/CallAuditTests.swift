import BSON
import Metering
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

struct CallAuditTests {
    /// What is changed behind the service's back, and what an audit says of it, beside what it says of accounts and wallets.
    static let tamperings: [Tampering] = [
        Tampering("calls", ["_id.call_id": "c"], ["$set": ["input_tokens": .int64(3)]], ["call c cost", "call c event"]),
        Tampering("calls", ["_id.call_id": "c"], ["$set": ["payment.balance": money("3")]], ["call c payment"]),
        Tampering("calls", ["_id.call_id": "c"], ["$set": ["payment": .null]], ["call c payment"]),
        Tampering("calls", ["_id.call_id": "c"], ["$set": ["meter": "others"]], ["call c event"]),
    ]

    private static func money(_ text: String) -> Value { Decimal128(text).map { .decimal($0) } ?? .null }

    @Test func `An audit finds each tampering with a call`() async throws {
        try await withTestService { test in
            let user = UserID(stored: "u")
            let price = ModelPrice(
                model: ModelName(stored: "m"), inputPerMillion: Money(units: 2 * Money.unitsPerOne), outputPerMillion: .zero,
                currency: Currency(stored: "EUR"), effectiveFrom: test.clock.now())
            try test.store.blockingTransaction { try ModelPrices.put([price], of: test.tenant, in: $0) }
            _ = try await test.service.openWallet(of: user, in: test.tenant)
            let use = ModelUse(inputTokens: 100, outputTokens: 10)
            let content = CallContent(charge: ChargeContent(user: user, project: nil, model: price.model, use: use))
            _ = try await test.service.recordCall(CallID(stored: "c"), content, object: "{}", enforce: false, for: test.tenant)
            #expect(try await test.audit().findings == [])
            for tampering in Self.tamperings {
                try await tampering.apply(to: test.database) {
                    let fields = try await test.audit().findings.map(\.difference.field)
                    #expect(Set(fields) == Set(tampering.fields), "\(tampering)")
                }
            }
        }
    }
}
