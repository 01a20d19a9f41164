import Foundation
import Metering
import Service
import ServiceSupport
import Store
import Support
import Synchronization
import Testing

@testable import Jobs

/// Messages on their way to a real receiver.
@Suite struct DeliveryTests {
    struct Shop {
        let test: TestService
        let service: ShopMeter

        func endpoint(_ port: UInt16, _ types: Set<WebhookType> = Set(WebhookType.subscribable), host: String = "127.0.0.1")
            async throws -> (id: WebhookEndpointID, secret: String)
        {
            var change = WebhookEndpointChange()
            (change.url, change.types) = ("http://\(host):\(port)/hook?x=1", types)
            let made = try await service.createEndpoint(change, of: test.tenant, once: nil).result
            return (made.endpoint.id, made.secret)
        }

        /// An event that crosses five percentages and takes the last: six messages.
        func useUp(_ user: String) async throws { _ = try await service.recordUsage(test.command(user, "e-\(user)", 1_000)) }

        /// Sends what is due, on a thread of its own.
        func deliver() async throws {
            let worker = try DeliveryWorker(service: service, time: .milliseconds(500)) { Issue.record($0) }
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                Thread { continuation.resume(with: Result { try worker.deliverDue() }) }.start()
            }
            await worker.stop()
        }

        func deliveries(
            _ status: WebhookDelivery.Status? = nil, to endpoint: WebhookEndpointID? = nil
        ) async throws -> [WebhookDelivery] {
            try await service.page(
                of: WebhookDeliveryList(of: endpoint, status: status), in: test.tenant, after: nil, limit: 10_000
            ).reversed()
        }
    }

    private func withShop(allowingPrivate: Bool = true, _ body: (Shop) async throws -> Void) async throws {
        try await withTestService { test in
            var settings = Settings(adminToken: "admin")
            settings.allowsPrivateWebhooks = allowingPrivate
            let text: WebhookBody = { cause, _ in "{\"type\":\"\(cause.type.rawValue)\"}" }
            let service = ShopMeter(store: test.store, clock: test.clock, settings: settings, webhookBody: text)
            defer { service.drain() }
            try await body(Shop(test: test, service: service))
        }
    }

    @Test func `A message is posted, signed, and noted with its answer`() async throws {
        try await withShop { shop in
            let receiver = try TestReceiver { _ in .status(202, body: "thanks\u{0}") }
            defer { receiver.stop() }
            let (id, secret) = try await shop.endpoint(receiver.port)
            _ = try await shop.service.testEndpoint(id, of: shop.test.tenant, once: nil)
            try await shop.deliver()
            let delivery = try #require(try await shop.deliveries().first)
            let message = try #require(receiver.messages.first)
            #expect(receiver.messages.count == 1 && message.target == "/hook?x=1" && message.body == delivery.body)
            #expect(message.headers["content-type"] == "application/json" && message.headers["host"] == "127.0.0.1:\(receiver.port)")
            let seconds = shop.test.clock.now().milliseconds / 1_000
            #expect(message.headers["webhook-id"] == delivery.message.rawValue && message.headers["webhook-timestamp"] == "\(seconds)")
            let expected = try WebhookSignature.header(of: delivery.message, at: seconds, message.body, by: [secret])
            #expect(message.headers["webhook-signature"] == expected && expected.hasPrefix("v1,"))
            #expect(delivery.status == .delivered && delivery.nextAt == nil && delivery.count == 1)
            #expect(delivery.attempts.first?.status == 202 && delivery.attempts.first?.answer == "thanks")
        }
    }

    @Test func `The signature is the one of the specification's example`() throws {
        let header = try WebhookSignature.header(
            of: WebhookMessageID(stored: "msg_p5jXN8AQM9LWM0D4loKWxJek"), at: 1_614_265_330, #"{"test": 2432232314}"#,
            by: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
        #expect(header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `While a former secret counts, a message has a signature by each`() async throws {
        try await withShop { shop in
            let receiver = try TestReceiver()
            defer { receiver.stop() }
            let (id, first) = try await shop.endpoint(receiver.port)
            let second = try await shop.service.rotateEndpointSecret(of: id, overlap: 60, of: shop.test.tenant, once: nil).result.secret
            for _ in 0..<2 {
                _ = try await shop.service.testEndpoint(id, of: shop.test.tenant, once: nil)
                try await shop.deliver()
                shop.test.clock.advance(seconds: 60)
            }
            let signatures = receiver.messages.map { $0.headers["webhook-signature"]?.split(separator: " ").count }
            #expect(signatures == [2, 1])
            let (last, at) = (try #require(receiver.messages.last), shop.test.clock.now().milliseconds / 1_000 - 60)
            let id2 = WebhookMessageID(stored: last.headers["webhook-id"] ?? "")
            let (new, old) = try (
                WebhookSignature.header(of: id2, at: at, last.body, by: [second]),
                WebhookSignature.header(of: id2, at: at, last.body, by: [first])
            )
            #expect(last.headers["webhook-signature"] == new && new != old)
        }
    }

    @Test func `What is about one user comes in order, and comes again until it is taken`() async throws {
        try await withShop { shop in
            let refusals = Mutex(2)
            let receiver = try TestReceiver { _ in
                refusals.withLock { left in
                    left -= 1
                    return left >= 0
                } ? .status(500, body: "no") : .status(200)
            }
            defer { receiver.stop() }
            _ = try await shop.endpoint(receiver.port)
            try await shop.useUp("u")
            try await shop.deliver()
            #expect(receiver.messages.count == 1, "the others wait behind it")
            try await shop.deliver()
            #expect(receiver.messages.count == 1, "it is not due yet")
            shop.test.clock.advance(seconds: 5)
            try await shop.deliver()
            shop.test.clock.advance(seconds: 30)
            try await shop.deliver()
            let ids = receiver.messages.compactMap { $0.headers["webhook-id"] }
            #expect(ids.count == 8 && Set(ids.prefix(3)).count == 1 && Set(ids).count == 6)
            #expect(receiver.messages.last?.body == #"{"type":"limit.reached"}"#)
            let sent = try await shop.deliveries()
            #expect(sent.allSatisfy { $0.status == .delivered } && sent.map(\.message.rawValue) == Array(ids.dropFirst(2)))
            #expect(sent.first?.attempts.map(\.status) == [500, 500, 200])
        }
    }

    @Test func `A message that a receiver never takes holds up its own user alone, and is given up after three days`() async throws {
        try await withShop { shop in
            let poison = Mutex("")
            let receiver = try TestReceiver { message in
                poison.withLock { $0 } == message.headers["webhook-id"] ? .status(400) : .status(200)
            }
            defer { receiver.stop() }
            _ = try await shop.endpoint(receiver.port, [.alertCrossed])
            try await shop.useUp("u")
            let first = try #require(try await shop.deliveries().first)
            poison.withLock { $0 = first.message.rawValue }
            try await shop.useUp("v")
            try await shop.deliver()
            #expect(try await shop.deliveries(.pending).allSatisfy { $0.user == UserID(stored: "u") })
            #expect(try await shop.deliveries(.delivered).count == 5)
            for _ in 0..<20 {
                shop.test.clock.advance(seconds: 14_400)
                try await shop.useUp("again-\(shop.test.clock.now().milliseconds)")
                try await shop.deliver()
            }
            let failed = try await shop.deliveries(.failed)
            #expect(try await shop.deliveries(.pending).isEmpty)
            #expect(failed.map(\.id) == [first.id])
            #expect(failed.first.map { $0.count >= 10 } == true)
        }
    }

    @Test func `A receiver that hangs, redirects, talks no HTTP or is not there gets its message again, and holds up no other`()
        async throws
    {
        try await withShop { shop in
            let elsewhere = try TestReceiver()
            let hanging = try TestReceiver { _ in .nothing }
            let redirecting = try TestReceiver { [port = elsewhere.port] _ in
                .status(302, location: "http://127.0.0.1:\(port)/taken")
            }
            let strange = try TestReceiver { _ in .bytes("220 smtp.example ESMTP\r\n\r\n") }
            let cut = try TestReceiver { _ in .bytes("HTTP/1.1 200") }
            let good = try TestReceiver()
            defer { for receiver in [elsewhere, hanging, redirecting, strange, cut, good] { receiver.stop() } }
            var ids: [WebhookEndpointID] = []
            for receiver in [hanging, redirecting, strange, cut] { ids.append(try await shop.endpoint(receiver.port).id) }
            let gone = try TestReceiver()
            ids.append(try await shop.endpoint(gone.port).id)
            gone.stop()
            // Its port may be another's now: nobody listens at port 1.
            var change = WebhookEndpointChange()
            change.url = "http://127.0.0.1:1/"
            _ = try await shop.service.changeEndpoint(ids[4], change, of: shop.test.tenant)
            let fine = try await shop.endpoint(good.port).id
            for user in ["a", "b", "c"] { try await shop.useUp(user) }
            try await shop.deliver()
            #expect(good.messages.count == 18 && elsewhere.messages.isEmpty)
            #expect(try await shop.deliveries(.delivered).allSatisfy { $0.endpoint == fine })
            let reasons: [(Int64?, String?)] = [
                (nil, "no answer in time"), (302, nil), (nil, "the answer is not HTTP/1.1"),
                (nil, "the connection ended before there was an answer"), (nil, "no connection: Connection refused"),
            ]
            for (id, expected) in zip(ids, reasons) {
                let attempts = try await shop.deliveries(.pending, to: id).flatMap(\.attempts)
                #expect(!attempts.isEmpty && attempts.allSatisfy { ($0.status, $0.error) == expected }, "\(attempts)")
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "[::1]"])
    func `Without the operator's leave nothing goes to a private address`(host: String) async throws {
        try await withShop { open in
            let receiver = try TestReceiver()
            defer { receiver.stop() }
            let id = try await open.endpoint(receiver.port, host: host).id
            let service = ShopMeter(
                store: open.test.store, clock: open.test.clock, settings: Settings(adminToken: "admin"), webhookBody: { _, _ in "{}" })
            defer { service.drain() }
            let shop = Shop(test: open.test, service: service)
            await #expect(throws: ServiceError.self) { _ = try await shop.endpoint(receiver.port) }
            _ = try await service.testEndpoint(id, of: open.test.tenant, once: nil)
            try await shop.deliver()
            #expect(receiver.messages.isEmpty)
            let error = try await shop.deliveries().first?.attempts.first?.error
            #expect(error?.hasSuffix("which is not a public address") == true || error?.hasSuffix("has no address") == true)
        }
    }

    @Test func `An endpoint that fails for three days is disabled, and says so`() async throws {
        try await withShop { shop in
            let receiver = try TestReceiver { _ in .status(503) }
            defer { receiver.stop() }
            let id = try await shop.endpoint(receiver.port).id
            for hour in 0..<80 {
                _ = try await shop.service.recordUsage(shop.test.command("u\(hour)", "e", 900))
                try await shop.deliver()
                shop.test.clock.advance(seconds: 3_600)
            }
            let endpoint = try await shop.service.endpoint(id, of: shop.test.tenant)
            #expect(endpoint.status == .disabled && endpoint.disabledReason?.hasPrefix("no delivery succeeded since") == true)
            #expect(try await shop.deliveries(.pending).isEmpty)
            let log = try await shop.service.page(
                of: AuditList(of: nil, action: .webhookDisable), in: shop.test.tenant, after: nil, limit: 9)
            #expect(log.map(\.entry.author.actor.text) == ["job:deliveries"])
            let count = receiver.messages.count
            try await shop.useUp("later")
            try await shop.deliver()
            #expect(try await shop.deliveries(.pending).isEmpty)
            #expect(receiver.messages.count == count)
        }
    }

    @Test func `An endpoint that is gone is disabled at once`() async throws {
        try await withShop { shop in
            let receiver = try TestReceiver { _ in .status(410) }
            defer { receiver.stop() }
            let id = try await shop.endpoint(receiver.port).id
            try await shop.useUp("u")
            try await shop.deliver()
            #expect(try await shop.service.endpoint(id, of: shop.test.tenant).status == .disabled)
            #expect(try await shop.deliveries(.pending).isEmpty)
            #expect(receiver.messages.count == 1)
        }
    }

    @Test func `One instance of several sends`() async throws {
        try await withShop { shop in
            let receiver = try TestReceiver()
            defer { receiver.stop() }
            _ = try await shop.endpoint(receiver.port)
            try await shop.useUp("u")
            let lease = try #require(try await shop.service.takeLease(of: DeliveryWorker.job, owner: "another", seconds: 30))
            try await shop.deliver()
            #expect(receiver.messages.isEmpty)
            try await shop.service.releaseLease(lease)
            try await shop.deliver()
            #expect(receiver.messages.count == 6)
        }
    }
}

@Suite struct DeliveryScheduleTests {
    private let now = Timestamp(milliseconds: 1_000_000)
    private let one = WebhookEndpointID(stored: "one")

    private func user(_ name: String) -> UserID? { UserID(stored: name) }

    @Test func `An endpoint has four lines at once, and one that failed has one`() {
        var schedule = DeliverySchedule()
        #expect(schedule.room(for: one, at: now) == 4)
        for name in ["a", "b", "c"] { schedule.begin(user(name), for: one) }
        #expect(schedule.room(for: one, at: now) == 1 && schedule.users(of: one).count == 3)
        for name in ["a", "b", "c"] { _ = schedule.end(user(name), for: one, [name != "c"], at: now) }
        #expect(schedule.room(for: one, at: now) == 1)
        schedule.begin(nil, for: one)
        #expect(schedule.room(for: one, at: now) == 0)
        let isBack = schedule.end(nil, for: one, [true], at: now)
        #expect(!isBack)
        #expect(schedule.room(for: one, at: now) == 4 && schedule.count == 0)
    }

    @Test func `Failures in a row pause an endpoint ever longer, and a success ends that`() {
        var (schedule, pauses, at): (DeliverySchedule, [Int64], Timestamp) = (DeliverySchedule(), [], now)
        for number in 1...12 {
            schedule.begin(nil, for: one)
            _ = schedule.end(nil, for: one, [false], at: at)
            var pause: Int64 = 0
            while schedule.room(for: one, at: at.adding(milliseconds: pause)) == 0 { pause += 1_000 }
            if number >= 3 { pauses.append(pause) }
            #expect(number >= 3 || pause == 0)
            at = at.adding(milliseconds: pause)
        }
        #expect(pauses == [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000, 300_000])
        schedule.begin(nil, for: one)
        let isBack = schedule.end(nil, for: one, [true], at: at)
        #expect(isBack)
        #expect(schedule.room(for: one, at: at) == 4)
    }

    @Test func `However many endpoints hang, the others have half of the senders`() {
        var schedule = DeliverySchedule()
        let bad = (0..<100).map { WebhookEndpointID(stored: "bad-\($0)") }
        for id in bad {
            schedule.begin(nil, for: id)
            _ = schedule.end(nil, for: id, [false], at: now)
        }
        for id in bad where schedule.room(for: id, at: now) > 0 { schedule.begin(nil, for: id) }
        #expect(schedule.count == DeliverySchedule.ofFailing)
        #expect(schedule.room(for: one, at: now) == 4)
        schedule.keep([])
        #expect(schedule.room(for: bad[99], at: now) == 4, "what waits no more is forgotten")
    }
}
