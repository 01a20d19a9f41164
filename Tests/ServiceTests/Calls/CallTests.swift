import Metering
import Mongo
import Service
import ServiceSupport
import Store
import Support
import Testing

/// Calls that come at once.
struct CallTests {
    private let user = UserID(stored: "u")
    private let project = ProjectID(stored: "p")
    private let model = ModelName(stored: "m")

    private func withModel(_ body: (TestService) async throws -> Void) async throws {
        try await withTestService { test in
            let price = ModelPriceRequest(
                model: model, inputPerMillion: try #require(Money("1000")), outputPerMillion: try #require(Money("4000")))
            #expect(try await test.service.setModelPrice(price, of: test.tenant).isNew)
            try await body(test)
            var findings: [AuditFinding] = []
            _ = try await test.service.audit(of: test.tenant.shop, found: { findings.append($0) }, progress: { _ in })
            #expect(findings == [])
        }
    }

    private func call(
        _ test: TestService, _ id: String, by user: UserID? = nil, input: Int64, output: Int64 = 0, enforce: Bool = false
    ) async -> Result<CallAnswer, ServiceError> {
        let use = ModelUse(inputTokens: input, outputTokens: output)
        let content = CallContent(charge: ChargeContent(user: user ?? self.user, project: project, model: model, use: use))
        do {
            return .success(
                try await test.service.recordCall(CallID(stored: id), content, object: "{}", enforce: enforce, for: test.tenant))
        } catch {
            return .failure(error as? ServiceError ?? .fault("\(error)"))
        }
    }

    private func isUnpaid(_ outcome: Result<CallAnswer, ServiceError>) -> Bool {
        if case .failure(.insufficientBalance) = outcome { true } else { false }
    }

    @Test func `64 calls at once empty a wallet to the last unit, and only those that were paid are counted`() async throws {
        try await withModel { test in
            _ = try await test.service.openProject(project, creator: user, in: test.tenant)
            // 20.0000 at 0.5 a call.
            let outcomes = await withTaskGroup { group in
                for number in 0..<64 { group.addTask { await call(test, "c\(number)", by: UserID(stored: "u\(number % 5)"), input: 500) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let paid = outcomes.compactMap { try? $0.get() }
            #expect(paid.count == 40 && outcomes.count(where: isUnpaid) == 24)
            #expect(paid.compactMap { $0.call.payment?.balance }.min() == .zero)
            var counted: Int64 = 0
            for number in 0..<5 {
                let summary = try await test.service.usage(of: UserID(stored: "u\(number)"), in: test.tenant)
                counted += Int64(summary.account.lifetime.shownTokens)
            }
            #expect(counted == 40 * 500)
        }
    }

    /// The users' accounts are in several partitions, whose transactions meet on the project's wallet and are tried again.
    @Test func `Calls that are sent again at once are recorded once, with one answer`() async throws {
        try await withModel { test in
            _ = try await test.service.openProject(project, creator: user, in: test.tenant)
            let outcomes = await withTaskGroup { group in
                for number in 0..<240 {
                    let id = number % 80
                    group.addTask { await call(test, "c\(id)", by: UserID(stored: "u\(id % 8)"), input: 100, output: 10) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let answers = try outcomes.map { try $0.get() }
            #expect(answers.count(where: \.isDuplicate) == 160)
            let byID = Dictionary(grouping: answers, by: \.call.id)
            #expect(byID.count == 80 && byID.values.allSatisfy { answers in answers.allSatisfy { $0.call == answers[0].call } })
            let wallet = try await test.service.wallet(of: .project(project), in: test.tenant)
            // 0.14 a call.
            #expect(wallet.balance.text == "8.80")
        }
    }

    @Test func `Beside calls that nobody can pay, those of the same group are settled as if these had never come`() async throws {
        try await withModel { test in
            _ = try await test.service.openProject(project, creator: user, in: test.tenant)
            async let large = call(test, "large", input: 90_000)
            async let small = call(test, "small", input: 50_000)
            async let next = call(test, "next", input: 1)
            let (unpaid, paid, third) = await (large, small, next)
            #expect(isUnpaid(unpaid) && isUnpaid(paid))
            #expect(try third.get().event.settlement.used == 1)
        }
    }
}
