import Testing

@testable import Metering

@Suite struct WebhookRuleTests {
    private let now = time("2026-11-10T12:00:00Z")

    private func endpoint() throws -> WebhookEndpoint {
        WebhookEndpoint(
            id: WebhookEndpointID(stored: "w"), url: try #require(WebhookURL("https://a.example/x", allowingPlain: false)), types: [],
            createdAt: now)
    }

    @Test(arguments: [
        ("https://a.example", "a.example", 443, "/"), ("https://A.Example:8443/x?y=1", "a.example", 8_443, "/x?y=1"),
        ("https://a.example?y=1", "a.example", 443, "/?y=1"), ("https://[2001:db8::1]:1/x", "2001:db8::1", 1, "/x"),
        ("https://192.0.2.7/", "192.0.2.7", 443, "/"),
    ])
    func `An address has a host, a port and a target`(text: String, host: String, port: UInt16, target: String) throws {
        let url = try #require(WebhookURL(text, allowingPlain: false))
        #expect((url.host, url.port, url.target, url.isSecure) == (host, port, target, true))
    }

    @Test(arguments: [
        "http://a.example/", "ftp://a.example/", "https://", "https:///x", "https://u@a.example/", "https://u:p@a.example/", "a.example",
        "https://a.example/#x", "https://a.example:0/", "https://a.example:65536/", "https://a.example:/", "https://a example/",
        "https://a.example/é", "https://a.example\\x", "https://[::1", "https://[]/", "https://.a/", "https://a..b/", "HTTPS://a.example/",
        "https://a.example/\r\nx: y", "https://a.example:+1/",
    ])
    func `What is no such address is refused`(text: String) { #expect(WebhookURL(text, allowingPlain: false) == nil) }

    @Test func `Plain HTTP is taken where the operator allows it`() throws {
        let url = try #require(WebhookURL("http://127.0.0.1:9/x", allowingPlain: true))
        #expect((url.isSecure, url.port, url.authority) == (false, 9, "127.0.0.1:9"))
    }

    /// Whatever fails, the attempts lie in three days, each later than the one before, and the last one is at their end.
    @Test func `A message is tried for three days, ever more rarely, and then given up`() {
        var (at, times): (Timestamp, [Int64]) = (now, [])
        while let next = WebhookRetries.next(after: at, count: Int64(times.count + 1), createdAt: now) {
            #expect(next > at)
            times.append(next.since(now))
            at = next
            guard times.count < 100 else { break }
        }
        #expect(times.first == 5_000 && times.last == WebhookRetries.patience)
        #expect((10...WebhookDelivery.maximumAttempts).contains(times.count + 1))
        #expect(WebhookRetries.next(after: now.adding(days: 9), count: 1, createdAt: now) == nil)
    }

    @Test func `An endpoint is disabled when nothing succeeded for three days, or when it is gone`() throws {
        var subject = try endpoint()
        subject.noteFailure(at: now, isGone: false)
        subject.noteFailure(at: now.adding(days: 3).adding(milliseconds: -1), isGone: false)
        #expect((subject.status, subject.failingSince) == (.enabled, now))
        subject.noteSuccess()
        subject.noteFailure(at: now.adding(days: 4), isGone: false)
        #expect(subject.status == .enabled)
        subject.noteFailure(at: now.adding(days: 7), isGone: false)
        #expect(subject.status == .disabled && subject.disabledReason?.contains("2026-11-14") == true)
        subject.set(.enabled)
        #expect((subject.disabledReason, subject.failingSince) == (nil, nil))
        subject.noteFailure(at: now, isGone: true)
        #expect(subject.status == .disabled)
    }

    @Test func `A limit is reached by the event that takes the last, and by no later one`() throws {
        var subject = account(plan("p", tokens: 100))
        func causes(_ amount: Quantity) throws -> [WebhookType] {
            let settlement = try subject.record(UsageContent(amount: amount), at: now, enforce: false)
            let event = RecordedEvent(
                id: EventID(stored: "e"), user: user, content: UsageContent(amount: amount), at: now, recordedAt: now, periodNumber: 1,
                settlement: settlement)
            return WebhookCause.causes(of: event, available: subject.tokens.available).map(\.type)
        }
        #expect(try causes(40) == [])
        #expect(try causes(50) == [.alertCrossed, .alertCrossed, .alertCrossed, .alertCrossed])
        #expect(try causes(20) == [.alertCrossed, .limitReached])
        #expect(try causes(5) == [])
    }

    @Test func `A step of a subscription is told once, and a new period is no change`() throws {
        let before = subscription(plan("pro", tokens: 100, fee: "29"))
        #expect(WebhookCause.causes(of: before, before: nil).map(\.type) == [.subscriptionCreated])
        var after = before
        after.period = Period(start: before.period.end, end: before.period.end.adding(days: 30))
        #expect(WebhookCause.causes(of: after, before: before) == [])
        after.status = .pastDue
        #expect(WebhookCause.causes(of: after, before: before).map(\.type) == [.subscriptionChanged], "an invoice of ours is overdue")
        after.appendHistory("payment_failed", by: .stripe, at: now)
        #expect(WebhookCause.causes(of: after, before: before).map(\.type) == [.paymentFailed, .subscriptionChanged])
        after.status = .canceled
        #expect(WebhookCause.causes(of: after, before: before).map(\.type) == [.subscriptionCanceled])
        #expect(WebhookCause.causes(of: after, before: after) == [])
    }

    @Test func `A step of an invoice is told once`() throws {
        let issued = invoice([(.fee, "29.00")])
        #expect(WebhookCause.causes(ofIssued: issued).map(\.type) == [.invoiceIssued])
        #expect(WebhookCause.causes(ofIssued: invoice([(.fee, "1"), (.credit, "-1")])).map(\.type) == [.invoiceIssued, .invoicePaid])
        var paid = issued
        _ = try paid.pay("p", at: now)
        #expect(WebhookCause.causes(of: paid, before: issued).map(\.type) == [.invoicePaid])
        var part = paid
        _ = try part.refund(Money("9.00"), as: RefundID(stored: "r"), at: now)
        #expect(WebhookCause.causes(of: part, before: paid) == [.invoiceRefunded(part, amount: try #require(Money("9.00")))])
        var whole = part
        _ = try whole.refund(nil, as: RefundID(stored: "r2"), at: now)
        #expect(WebhookCause.causes(of: whole, before: part) == [.invoiceRefunded(whole, amount: try #require(Money("20.00")))])
        var late = issued
        try late.fallDue()
        #expect(WebhookCause.causes(of: late, before: issued).map(\.type) == [.invoiceOverdue])
    }
}

@Suite struct WalletWatchTests {
    private let now = time("2026-11-10T12:00:00Z")

    private func money(_ text: String) -> Money { Money(text) ?? .zero }

    @Test func `A crossing is told once, until the balance is back`() {
        var watch = WalletWatch(lowBelow: money("5"), topUp: nil)
        #expect(watch.note(money("5"), at: now) == [])
        #expect(watch.note(money("4.99"), at: now) == [.low])
        #expect(watch.note(money("1"), at: now) == [])
        #expect(watch.note(money("6"), at: now) == [])
        #expect(watch.note(money("2"), at: now) == [.low])
    }

    @Test func `A top-up is asked for once a crossing, with a cool-down, up to the month's maximum`() {
        let terms = TopUpTerms(below: money("5"), amount: money("20"), monthlyMaximum: money("50"), cooldown: 3_600)
        var watch = WalletWatch(lowBelow: nil, topUp: terms)
        #expect(watch.note(money("4"), at: now) == [.topUp(terms)])
        #expect(watch.note(money("3"), at: now.adding(days: 1)) == [], "it was asked for in this crossing")
        #expect(watch.note(money("24"), at: now.adding(days: 1)) == [])
        let second = now.adding(days: 1)
        #expect(watch.note(money("4"), at: second) == [.topUp(terms)])
        #expect(watch.note(money("24"), at: second) == [])
        #expect(watch.note(money("4"), at: second.adding(milliseconds: 3_599_999)) == [], "it cools down")
        #expect(watch.note(money("3"), at: second.adding(milliseconds: 3_600_000)) == [], "a third one would be 60 in the month")
        #expect(watch.note(money("2"), at: time("2026-12-01T00:00:00Z")) == [.topUp(terms)], "another month, and it was not asked for yet")
    }
}
