import BSON
import Metering
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

struct WalletAuditTests {
    /// What is changed behind the service's back, and what an audit says of it.
    static let tamperings: [Tampering] = [
        wallet(["$set": ["balance": decimal("1.5")]], ["wallet.balance"]), wallet(["$inc": ["entries": 1]], ["wallet.entries"]),
        wallet(["$set": ["quota_used": decimal("0.1")]], ["wallet.quota_used"]),
        wallet(["$set": ["balance": "much"]], ["stored document", "wallet"]),
        entry(["$set": ["amount": decimal("-3")]], ["wallet entry 3 balance_after", "wallet entry 3 amount"]),
        entry(["$set": ["balance": decimal("3")]], ["wallet entry 3 balance_after", "wallet.balance"]),
        entry(["$set": ["charge.cost": decimal("3")]], ["wallet entry 3 cost", "wallet entry 3 amount"]),
        entry(["$set": ["charge.input_tokens": .int64(3)]], ["wallet entry 3 cost"]),
        entry(["$set": ["number": .int64(9)]], ["wallet entry after 2", "wallet.entries"]),
        entry(
            ["$set": ["owner_id": "nobody"]],
            [
                "wallet", "wallet entry 3", "wallet entry after 0", "wallet entry 3 balance_after", "wallet.balance", "wallet.entries",
                "wallet.quota_used",
            ]),
    ]

    private static func wallet(_ update: Document, _ fields: [String]) -> Tampering {
        Tampering("wallets", ["_id.owner_id": "u"], update, fields)
    }

    private static func entry(_ update: Document, _ fields: [String]) -> Tampering {
        Tampering("wallet_entries", ["_id.id": "c"], update, fields)
    }

    private static func decimal(_ text: String) -> Value { Decimal128(text).map { .decimal($0) } ?? .null }

    @Test func `An audit finds each tampering with a wallet, and nothing in those that are right`() async throws {
        try await withTestService { test in
            let user = UserID(stored: "u")
            try await fill(test, user)
            let (done, findings) = try await test.audit()
            #expect(done.wallets == 252 && findings == [])
            for tampering in Self.tamperings {
                try await tampering.apply(to: test.database) {
                    let fields = try await test.audit().findings.map(\.difference.field)
                    #expect(Set(fields) == Set(tampering.fields), "\(tampering)")
                }
            }
            #expect(try await test.audit().findings == [])
        }
    }

    /// Enough wallets for several pages.
    private func fill(_ test: TestService, _ user: UserID) async throws {
        let price = ModelPrice(
            model: ModelName(stored: "m"), inputPerMillion: Money(units: 2 * Money.unitsPerOne), outputPerMillion: .zero,
            currency: Currency(stored: "EUR"), effectiveFrom: test.clock.now())
        try test.store.blockingTransaction { try ModelPrices.put([price], of: test.tenant, in: $0) }
        for number in 0..<125 {
            _ = try await test.service.openWallet(of: UserID(stored: "u-\(number)"), in: test.tenant)
            _ = try await test.service.openProject(ProjectID(stored: "p-\(number)"), creator: user, in: test.tenant)
        }
        _ = try await test.service.openProject(ProjectID(stored: "last"), creator: user, in: test.tenant)
        _ = try await test.service.openWallet(of: user, in: test.tenant)
        _ = try await test.service.setQuota(isPro: true, monthly: Money(units: Money.unitsPerOne), of: user, in: test.tenant)
        _ = try await test.service.creditWallet(
            CreditID(stored: "k"), Money(units: 5), reason: "r", to: .user(user), in: test.tenant)
        let content = ChargeContent(user: user, project: nil, model: price.model, inputTokens: 1_000_000, outputTokens: 0)
        _ = try await test.service.chargeModelUse(ChargeID(stored: "c"), content, for: test.tenant)
    }
}
