import BSON
import Metering
import Mongo
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

struct ChargeTests {
    private let model = ModelName(stored: "vendor/model")

    private func withPrices(_ body: (TestService) async throws -> Void) async throws {
        try await withTestService { test in
            let price = ModelPrice(
                model: model, inputPerMillion: Money(units: 2 * Money.unitsPerOne), outputPerMillion: Money(units: 6 * Money.unitsPerOne),
                currency: Currency(stored: "EUR"), effectiveFrom: test.clock.now())
            try test.store.blockingTransaction { try ModelPrices.put([price], of: test.tenant, in: $0) }
            try await body(test)
        }
    }

    private func charge(_ user: String, project: String? = nil, input: Quantity, output: Quantity = 0) -> ChargeContent {
        ChargeContent(
            user: UserID(stored: user), project: project.map(ProjectID.init(stored:)), model: model, inputTokens: input,
            outputTokens: output)
    }

    private func outcome(_ test: TestService, _ id: String, _ content: ChargeContent) async -> Result<ChargeAnswer, ServiceError> {
        do {
            return .success(try await test.service.chargeModelUse(ChargeID(stored: id), content, for: test.tenant))
        } catch {
            return .failure(error as? ServiceError ?? .fault("\(error)"))
        }
    }

    @Test func `Charges whose ids and users only look alike are each their own, in one group and in the margins`() async throws {
        try await withPrices { test in
            let users = ["é", "e\u{301}"]
            for user in users { _ = try await test.service.openWallet(of: UserID(stored: user), in: test.tenant) }
            await withTaskGroup(of: Void.self) { group in
                for (index, user) in users.enumerated() {
                    group.addTask {
                        let made = await outcome(test, user, charge(user, input: Int64(index + 1) * 1_000))
                        #expect((try? made.get())?.charge.content.user == UserID(stored: user))
                    }
                }
            }
            let keys = users.map { WalletEntryKey.charge(ChargeID(stored: $0), test.tenant) }
            let found = try test.store.blockingRead { try WalletEntries.find(Set(keys), $0) }
            #expect(keys.map { found[$0]?.charge?.content.use.total } == [1_000, 2_000])
            let now = test.clock.now()
            let range = TimeRange(from: now.adding(milliseconds: -1_000), to: now.adding(milliseconds: 1_000))
            #expect(try await test.service.margins(of: test.tenant, by: .user, over: range).margins.groups.count == 2)
        }
    }

    @Test func `A free model is stored where the shop allows it, and is charged nothing without a wallet`() async throws {
        try await withPrices { test in
            let free = ModelPriceRequest(model: ModelName(stored: "free"), inputPerMillion: .zero, outputPerMillion: .zero)
            await #expect(throws: ServiceError.self) { try await test.service.setModelPrice(free, of: test.tenant) }
            var change = ShopChange()
            change.allowsFreeModels = true
            #expect(try await test.service.changeShop(of: test.tenant, change).rules.allowsFreeModels)
            #expect(try await test.service.setModelPrice(free, of: test.tenant).isNew)
            let content = ChargeContent(user: UserID(stored: "u"), project: nil, model: free.model, inputTokens: 7, outputTokens: 7)
            let unpaid = try await outcome(test, "f", content).get()
            #expect(unpaid.entry == nil && unpaid.charge.cost == .zero && unpaid.at == test.clock.now())
            _ = try await test.service.openWallet(of: UserID(stored: "u"), in: test.tenant)
            let paid = try await outcome(test, "f", content).get()
            #expect(paid.entry?.amount == .zero && paid.entry?.number == 2 && !paid.isDuplicate)
        }
    }

    @Test func `32 clients empty a project and its user to the last ten-thousandth, and every entry is explained`() async throws {
        try await withPrices { test in
            _ = try await test.service.openProject(ProjectID(stored: "p"), creator: UserID(stored: "u"), in: test.tenant)
            _ = try await test.service.openWallet(of: UserID(stored: "u"), in: test.tenant)
            // 0.07 each: 285 from the project's 20, 142 from the user's 10.
            let content = charge("u", project: "p", input: 5_000, output: 10_000)
            let outcomes = await withTaskGroup(of: [Result<ChargeAnswer, ServiceError>].self) { group in
                for client in 0..<32 {
                    group.addTask {
                        var outcomes: [Result<ChargeAnswer, ServiceError>] = []
                        for number in 0..<16 { outcomes.append(await outcome(test, "c\(client)-\(number)", content)) }
                        return outcomes
                    }
                }
                return await group.reduce(into: []) { $0 += $1 }
            }
            let paid = outcomes.compactMap { try? $0.get() }
            #expect(paid.filter { $0.entry?.source == .project }.count == 285 && paid.filter { $0.entry?.source == .user }.count == 142)
            let project = try await check(.project(ProjectID(stored: "p")), test)
            let user = try await check(.user(UserID(stored: "u")), test)
            #expect(project.text == "0.05" && user.text == "0.06")
            let errors = try await test.service.page(of: BillingErrorList(isResolved: false), in: test.tenant, after: nil, limit: 1_000)
            #expect(errors.count == 32 * 16 - 427)
            #expect(
                Set(errors.map(\.balance)) == [
                    InsufficientBalance(required: Money(units: 700_000_000), available: user, project: project, user: user)
                ])
        }
    }

    /// The entries' sum and each balance after it must agree with the wallet's balance, which is returned.
    private func check(_ owner: WalletOwner, _ test: TestService) async throws -> Money {
        let wallet = try await test.service.wallet(of: owner, in: test.tenant)
        let entries = try await test.service.walletEntries(of: owner, in: test.tenant, before: nil, limit: 10_000).reversed()
        var balance = Money.zero
        for (index, entry) in entries.enumerated() {
            balance = balance + entry.amount
            #expect(entry.number == Int64(index + 1) && entry.balance == balance && balance >= .zero)
        }
        #expect(wallet.balance == balance && wallet.entries == Int64(entries.count))
        return balance
    }

    @Test func `A charge is made once for its id, on several instances at once as well`() async throws {
        try await withPrices { test in
            _ = try await test.service.openWallet(of: UserID(stored: "u"), in: test.tenant)
            let other = test.another()
            defer { other.drain() }
            let content = charge("u", input: 1_000_000)
            let answers = try await withThrowingTaskGroup(of: ChargeAnswer.self) { group in
                for number in 0..<64 {
                    let service = number % 2 == 0 ? test.service : other
                    group.addTask { try await service.chargeModelUse(ChargeID(stored: "c"), content, for: test.tenant) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { !$0.isDuplicate }.count == 1 && Set(answers.map(\.entry?.balance.text)) == ["8.00"])
            #expect(try await check(.user(UserID(stored: "u")), test).text == "8.00")
            guard case .failure(.idempotencyConflict) = await outcome(test, "c", charge("u", input: 2)) else {
                return #expect(Bool(false), "another charge under the id was taken")
            }
        }
    }

    @Test func `Two first projects opened at once: one has the credit`() async throws {
        try await withTestService { test in
            for round in 0..<8 {
                let creator = UserID(stored: "creator-\(round)")
                async let first = test.service.openProject(ProjectID(stored: "a-\(round)"), creator: creator, in: test.tenant)
                async let second = test.service.openProject(ProjectID(stored: "b-\(round)"), creator: creator, in: test.tenant)
                let balances = try await [first.wallet.balance.text, second.wallet.balance.text]
                #expect(balances.sorted() == ["0.00", "20.00"])
            }
        }
    }

    @Test func `Credits and charges at once are all there`() async throws {
        try await withPrices { test in
            let owner = WalletOwner.user(UserID(stored: "u"))
            _ = try await test.service.openWallet(of: UserID(stored: "u"), in: test.tenant)
            let content = charge("u", input: 100)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let id = CreditID(stored: "k\(number % 10)")
                        _ = try await test.service.creditWallet(
                            id, Money(units: Money.unitsPerOne), reason: "r", to: owner, in: test.tenant)
                    }
                    group.addTask { _ = try await test.service.chargeModelUse(ChargeID(stored: "c\(number)"), content, for: test.tenant) }
                }
                try await group.waitForAll()
            }
            #expect(try await check(owner, test).text == "19.996")
        }
    }

    @Test func `A refused charge that is paid later resolves its billing error`() async throws {
        try await withPrices { test in
            let owner = WalletOwner.user(UserID(stored: "u"))
            let content = charge("u", input: 1_000_000)
            guard case .failure(.insufficientBalance(let id, let balance, _)) = await outcome(test, "c", content) else {
                return #expect(Bool(false), "it was paid from nothing")
            }
            #expect(id.rawValue == "c" && balance.available == .zero && balance.required.text == "2.00")
            _ = try await test.service.openWallet(of: UserID(stored: "u"), in: test.tenant)
            let paid = try await test.service.chargeModelUse(id, content, for: test.tenant)
            #expect(!paid.isDuplicate && paid.entry?.balance.text == "8.00")
            let errors = try await test.service.page(of: BillingErrorList(isResolved: nil), in: test.tenant, after: nil, limit: 10)
            #expect(errors.map(\.resolution) == [.charged])
            #expect(try await check(owner, test).text == "8.00")
        }
    }

    @Test func `A charge is at the price in force at its time, and keeps it`() async throws {
        try await withPrices { test in
            _ = try await test.service.openWallet(of: UserID(stored: "u"), in: test.tenant)
            let later = ModelPrice(
                model: model, inputPerMillion: Money(units: 3 * Money.unitsPerOne), outputPerMillion: .zero,
                currency: Currency(stored: "EUR"), effectiveFrom: test.clock.now().adding(days: 1))
            try test.store.blockingTransaction { try ModelPrices.put([later], of: test.tenant, in: $0) }
            let content = charge("u", input: 1_000_000)
            let before = try await test.service.chargeModelUse(ChargeID(stored: "a"), content, for: test.tenant)
            test.clock.advance(seconds: 86_400)
            let after = try await test.service.chargeModelUse(ChargeID(stored: "b"), content, for: test.tenant)
            #expect([before, after].compactMap { $0.entry?.charge?.cost.text } == ["2.00", "3.00"])
            let again = try await test.service.chargeModelUse(ChargeID(stored: "a"), content, for: test.tenant)
            #expect(again.isDuplicate && again.entry == before.entry)
        }
    }

    @Test func `The timer closes the months of quotas once, however late`() async throws {
        try await withPrices { test in
            let user = UserID(stored: "u")
            _ = try await test.service.openWallet(of: user, in: test.tenant)
            _ = try await test.service.setQuota(isPro: true, monthly: Money(units: 3 * Money.unitsPerOne), of: user, in: test.tenant)
            let paid = try await test.service.chargeModelUse(ChargeID(stored: "c"), charge("u", input: 1_000_000), for: test.tenant)
            #expect(paid.entry?.source == .quota)
            #expect(try await test.run("rollover")?["quota_months_closed"] == 0)
            test.clock.advance(seconds: 86_400 * 100)
            #expect(try await test.run("rollover")?["quota_months_closed"] == 1)
            #expect(try await test.run("rollover")?["quota_months_closed"] == 0)
            let quota = try #require(try await test.service.wallet(of: .user(user), in: test.tenant).quota)
            #expect(quota.used == .zero && quota.closed.map(\.used.text) == ["2.00"])
        }
    }

    @Test func `The database itself refuses a balance below zero`() async throws {
        try await withTestService { test in
            _ = try await test.service.openWallet(of: UserID(stored: "u"), in: test.tenant)
            let below = try #require(Decimal128("-0.0000000001"))
            #expect(throws: MongoError.self) {
                try test.database.withConnection { _ = try $0.update("wallets", [:], ["$set": ["balance": .decimal(below)]]) }
            }
        }
    }
}
