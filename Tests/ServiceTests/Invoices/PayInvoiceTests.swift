import Metering
import Service
import ServiceSupport
import Store
import Support
import Testing

/// An invoice's life.
@Suite struct PayInvoiceTests {
    private static let user = UserID(stored: "u")

    /// A pending invoice of 29.00.
    private func withInvoice(_ body: (TestService, InvoiceNumber) async throws -> Void) async throws {
        try await withTestService { test in
            _ = try await test.subscribe("u", to: TestService.pro)
            test.clock.move(to: "2026-12-10T12:00:00Z")
            _ = try await test.run("rollover")
            try await body(test, try #require(try await test.invoices().first?.number))
        }
    }

    private func transactions(_ test: TestService) async throws -> [String] {
        try await test.service.page(of: TransactionList(of: Self.user), in: test.tenant, after: nil, limit: 50).map {
            "\($0.transaction.kind.rawValue) \($0.transaction.amount.text) \($0.transaction.reference ?? "-")"
        }
    }

    @Test func `A payment counts once for its reference, and another one is refused`() async throws {
        try await withInvoice { test, number in
            let answers = try await withThrowingTaskGroup(of: InvoiceAnswer.self) { group in
                for _ in 0..<8 { group.addTask { try await test.service.payInvoice(number, reference: "p1", of: test.tenant) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { !$0.isDuplicate } == 1 && answers.allSatisfy { $0.invoice.status == .paid })
            await #expect { _ = try await test.service.payInvoice(number, reference: "p2", of: test.tenant) } throws: {
                "\($0)".hasPrefix("invalidTransition")
            }
            #expect(try await transactions(test) == ["subscription 29.00 p1"])
            _ = try await test.service.refundInvoice(number, nil, as: RefundID(stored: "r"), of: test.tenant)
            let first = try await test.service.payInvoice(number, reference: "p1", of: test.tenant)
            #expect(first.isDuplicate && first.invoice.status == .paid && first.invoice.refunded == .zero, "as it was then")
        }
    }

    @Test func `Refunds count once for their ids, until all is given back`() async throws {
        try await withInvoice { test, number in
            func refund(_ amount: String?, _ id: String) async throws -> InvoiceAnswer {
                try await test.service.refundInvoice(number, amount.flatMap(Money.init), as: RefundID(stored: id), of: test.tenant)
            }
            await #expect { _ = try await refund("1.00", "r0") } throws: { "\($0)".hasPrefix("invalidTransition") }
            _ = try await test.service.payInvoice(number, reference: "p1", of: test.tenant)
            let answers = try await withThrowingTaskGroup(of: InvoiceAnswer.self) { group in
                for _ in 0..<8 { group.addTask { try await refund("10.00", "r1") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { !$0.isDuplicate } == 1 && answers.allSatisfy { $0.invoice.refunded.text == "10.00" })
            await #expect { _ = try await refund("19.01", "r2") } throws: { "\($0)".contains("at most 19.00") }
            await #expect { _ = try await refund("11.00", "r1") } throws: { "\($0)".hasPrefix("idempotencyConflict") }
            #expect(try await refund(nil, "r2").invoice.status == .refunded)
            #expect(try await refund(nil, "r2").isDuplicate)
            #expect(try await refund("10.00", "r1").invoice.status == .paid, "as it was then")
            #expect(try await transactions(test).sorted() == ["refund 10.00 r1", "refund 19.00 r2", "subscription 29.00 p1"])
        }
    }

    @Test func `A cancelled invoice is credited and can be paid no more`() async throws {
        try await withInvoice { test, number in
            let cancelled = try await test.service.cancelInvoice(number, of: test.tenant)
            #expect(cancelled.invoice.status == .cancelled)
            await #expect { _ = try await test.service.cancelInvoice(number, of: test.tenant) } throws: {
                "\($0)".hasPrefix("invalidTransition")
            }
            await #expect { _ = try await test.service.payInvoice(number, reference: "p", of: test.tenant) } throws: {
                "\($0)".hasPrefix("invalidTransition")
            }
            #expect(try await transactions(test) == ["credit 29.00 -"])
        }
    }

    @Test(arguments: [false, true])
    func `A cancelled invoice gives back the credit that it used up`(isSubscriptionOver: Bool) async throws {
        try await withTestService { test in
            let invoice = try await Self.invoiceWithCredit(test)
            if isSubscriptionOver {
                _ = try await test.service.moveSubscription(of: Self.user, in: test.tenant, .cancel(.periodEnd))
                test.clock.advance(days: 40)
                _ = try await test.run("rollover")
            }
            _ = try await test.service.cancelInvoice(invoice.number, of: test.tenant)
            _ = try? await test.service.cancelInvoice(invoice.number, of: test.tenant)
            let all = try await test.service.exported(Subscription.self, of: test.tenant, after: nil, limit: 10)
            #expect(all.map(\.creditBalance.text) == ["15.50"])
            if isSubscriptionOver { _ = try await test.subscribe("u", to: TestService.basic) }
            #expect(try await test.service.subscription(of: Self.user, in: test.tenant).subscription.creditBalance.text == "15.50")
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `A refund of all that was paid gives back the credit that the invoice had used`() async throws {
        try await withTestService { test in
            let invoice = try await Self.invoiceWithCredit(test)
            _ = try await test.service.payInvoice(invoice.number, reference: "q", of: test.tenant)
            _ = try await test.service.refundInvoice(invoice.number, Money("1.00"), as: RefundID(stored: "r1"), of: test.tenant)
            func credit() async throws -> String {
                try await test.service.subscription(of: Self.user, in: test.tenant).subscription.creditBalance.text
            }
            #expect(try await credit() == "0.00")
            _ = try await test.service.refundInvoice(invoice.number, nil, as: RefundID(stored: "r2"), of: test.tenant)
            #expect(try await credit() == "15.50")
            #expect(try await test.service.refundInvoice(invoice.number, nil, as: RefundID(stored: "r2"), of: test.tenant).isDuplicate)
            #expect(try await credit() == "15.50")
            #expect(try await test.audit().findings == [])
        }
    }

    /// An invoice of 4.50 for an upgrade, which has used 15.50 of credit.
    private static func invoiceWithCredit(_ test: TestService) async throws -> Invoice {
        _ = try await test.subscribe("u", to: TestService.basic)
        _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
        let first = try #require(try await test.invoices().first)
        _ = try await test.service.payInvoice(first.number, reference: "p", of: test.tenant)
        _ = try await test.subscribe("u", to: TestService.basic, action: .downgrade)
        test.clock.advance(days: 15)
        _ = try await test.service.moveSubscription(of: user, in: test.tenant, .reset())
        _ = try await test.subscribe("u", to: TestService.pro, action: .upgrade)
        let invoice = try #require(try await test.invoices().first { $0.status == .pending })
        #expect((invoice.total.text, invoice.bill.creditUsed.text) == ("4.50", "15.50"))
        return invoice
    }

    @Test func `A pending invoice is overdue from its day on, and can still be paid`() async throws {
        try await withInvoice { test, number in
            func run() async throws -> Int? { try await test.run("overdue")?["invoices_overdue"] }
            test.clock.advance(seconds: 14 * 86_400 - 1)
            #expect(try await run() == 0)
            test.clock.advance(seconds: 1)
            #expect(try await run() == 1)
            #expect(try await run() == 0)
            #expect(try await test.service.invoice(number, of: test.tenant).status == .overdue)
            let paid = try await test.service.payInvoice(number, reference: "p", of: test.tenant)
            #expect(paid.invoice.status == .paid)
        }
    }

    @Test func `A subscription is past due while one of its invoices is overdue, and active again after the last of them`() async throws {
        try await withInvoice { test, _ in
            func status() async throws -> SubscriptionStatus {
                let view = try await test.service.subscription(of: Self.user, in: test.tenant)
                return view.subscription.status
            }
            test.clock.advance(days: 40)
            _ = try await test.run("rollover")
            _ = try await test.run("overdue")
            #expect(try await status() == .pastDue)
            test.clock.advance(days: 14)
            _ = try await test.run("overdue")
            let overdue = try await test.invoices().filter { $0.status == .overdue }.map(\.number)
            #expect(overdue.count == 2)
            _ = try await test.service.payInvoice(overdue[0], reference: "p", of: test.tenant)
            #expect(try await status() == .pastDue)
            _ = try await test.service.cancelInvoice(overdue[1], of: test.tenant)
            #expect(try await status() == .active)
            let steps = try await test.service.subscription(of: Self.user, in: test.tenant).subscription.history.suffix(2)
            #expect(steps.map(\.reason) == ["payment_failed", "payment"] && steps.allSatisfy { $0.actor == .system })
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `Who comes back from a suspension with an overdue invoice is past due`() async throws {
        try await withInvoice { test, _ in
            test.clock.advance(days: 40)
            _ = try await test.run("rollover")
            _ = try await test.run("overdue")
            for (step, expected) in [(SubscriptionStep.suspend(reason: "r"), SubscriptionStatus.suspended), (.resume, .pastDue)] {
                _ = try await test.service.moveSubscription(of: Self.user, in: test.tenant, step)
                #expect(try await test.service.subscription(of: Self.user, in: test.tenant).subscription.status == expected)
            }
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `Credit that pays the last overdue invoice makes its subscription active again`() async throws {
        try await withTestService { test in
            let invoice = try await Self.invoiceWithCredit(test)
            _ = try await test.service.payInvoice(invoice.number, reference: "q", of: test.tenant)
            test.clock.advance(days: 31)
            _ = try await test.run("rollover")
            test.clock.advance(days: 15)
            _ = try await test.run("overdue")
            func subscription() async throws -> Subscription {
                try await test.service.subscription(of: Self.user, in: test.tenant).subscription
            }
            let open = try await test.invoices().filter { $0.status == .overdue }
            #expect(open.count == 1)
            #expect(try await subscription().status == .pastDue)
            _ = try await test.service.refundInvoice(invoice.number, nil, as: RefundID(stored: "r"), of: test.tenant)
            #expect(try await test.service.invoice(open[0].number, of: test.tenant).status == .paid)
            #expect(try await subscription().status == .active)
            #expect(try await test.audit().findings == [])
        }
    }

    @Test func `A list goes on behind its last item, and another shop sees none of it`() async throws {
        try await withInvoice { test, number in
            for user in 0..<5 {
                _ = try await test.subscribe("v\(user)", to: TestService.basic)
                _ = try await test.subscribe("v\(user)", to: TestService.pro, action: .upgrade)
            }
            let all = try await test.service.page(of: InvoiceList(of: nil, status: nil), in: test.tenant, after: nil, limit: 10)
            #expect(all.map(\.number.rawValue) == (1...6).reversed().map { "FACT-202612-000\($0)" })
            let third = InvoiceList(of: nil, status: .pending).key(of: all[2])
            let rest = try await test.service.page(of: InvoiceList(of: nil, status: .pending), in: test.tenant, after: third, limit: 10)
            #expect(rest == Array(all[3...]))
            let own = try await test.service.page(of: InvoiceList(of: Self.user, status: nil), in: test.tenant, after: nil, limit: 10)
            #expect(own.map(\.number) == [number])
            let other = try await test.service.createShop(
                id: ShopID(stored: "o"), name: "O", currency: Currency(stored: "EUR"), clock: .live
            ).shop.tenant
            await #expect { _ = try await test.service.invoice(number, of: other) } throws: { "\($0)".hasPrefix("notFound") }
            await #expect { _ = try await test.service.payInvoice(number, reference: "p", of: other) } throws: {
                "\($0)".hasPrefix("notFound")
            }
        }
    }
}
