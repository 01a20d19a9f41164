package import Dispatch
internal import Foundation
internal import HTTPClient
internal import Metering
package import Service
internal import Store
internal import Synchronization

/// Sends what waits for endpoints, under the lease `deliveries`, so that one instance of several sends. A thread of its own reads and stores; threads
/// beside it send.
package final class DeliveryWorker: Sendable {
    package static let job = "deliveries"
    /// How long it waits before it looks for new messages.
    private static let pause = DispatchTimeInterval.milliseconds(500)
    /// The most endpoints that one look goes over; the next look goes on behind them.
    private static let look = 500

    private struct State {
        var results: [DeliveryResult] = []
        var trustedUntil: ContinuousClock.Instant?
        var isStopped = false
        var hasSenders = false
        /// Whether it has a thread of its own.
        var isRunning = false
        var counts = DeliveryCounts()
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let service: ShopMeter
    private let sender: MessageSender
    private let lines = LineQueue()
    private let report: @Sendable (any Error) -> Void

    /// - Parameters:
    ///   - time: the limit of one attempt.
    ///   - report: told of errors of the database, at which the worker waits and goes on.
    package init(service: ShopMeter, time: Duration = .seconds(10), report: @escaping @Sendable (any Error) -> Void) throws {
        self.service = service
        self.report = report
        var client = try HTTPClient(allowingPrivate: service.allowsPrivateWebhooks)
        client.limits.time = time
        client.limits.answer = WebhookAttempt.maximumAnswer
        sender = MessageSender(client: client, now: { service.systemTime })
    }

    /// How many messages were sent since the process began, and how they fared.
    package var counts: DeliveryCounts { state.withLock { $0.counts } }

    package func start() {
        startSenders()
        state.withLock { $0.isRunning = true }
        let thread = Thread { [self] in
            run()
            ended.signal()
        }
        thread.name = "deliveries"
        thread.start()
    }

    /// Ends after the attempts under way, which it waits for, for at most `limit`. What is not stored then is sent again.
    package func stop(within limit: DispatchTimeInterval = .seconds(3)) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.blockingStop(within: limit)
                continuation.resume()
            }
        }
    }

    private func blockingStop(within limit: DispatchTimeInterval) {
        let wasRunning = state.withLock { state in
            defer { state.isStopped = true }
            return state.isRunning && !state.isStopped
        }
        lines.stop()
        guard wasRunning else { return }
        wake.signal()
        _ = ended.wait(timeout: .now() + limit)
    }

    /// Sends all that is due, on the caller's own thread, which blocks, and returns when nothing is any more: for tests. Throws what the database throws.
    package func deliverDue() throws {
        startSenders()
        var turn = DeliveryTurn(service: service)
        repeat {
            try step(&turn)
            if turn.schedule.count > 0 { wake.wait() }
        } while turn.schedule.count > 0 || !state.withLock({ $0.results.isEmpty })
        try turn.release()
    }

    private func startSenders() {
        let isFirst = state.withLock { state in
            defer { state.hasSenders = true }
            return !state.hasSenders
        }
        guard isFirst else { return }
        for number in 0..<DeliverySchedule.senders {
            let thread = Thread { [self] in send() }
            thread.name = "sender-\(number)"
            thread.start()
        }
    }

    private func run() {
        var turn = DeliveryTurn(service: service)
        while !state.withLock({ $0.isStopped }) {
            do { try step(&turn) } catch {
                report(error)
                _ = wake.wait(timeout: .now() + .seconds(1))
            }
            _ = wake.wait(timeout: .now() + Self.pause)
        }
        // What was sent is stored, as far as it comes in time.
        let limit = ContinuousClock.now + .seconds(2)
        while turn.schedule.count > 0, ContinuousClock.now < limit {
            _ = wake.wait(timeout: .now() + .milliseconds(100))
            do { try turn.keep(taken()) } catch { break }
        }
        do { try turn.release() } catch { report(error) }
    }

    private func step(_ turn: inout DeliveryTurn) throws {
        try turn.keep(taken())
        let trusted = try turn.hold()
        state.withLock { $0.trustedUntil = trusted }
        guard trusted != nil else { return }
        try turn.begin(endpoints: Self.look) { lines.append($0) }
    }

    private func taken() -> [DeliveryResult] {
        state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
    }

    /// A sender's thread.
    private func send() {
        while let line = lines.next() {
            let sent = sender.send(line) {
                state.withLock { state in !state.isStopped && state.trustedUntil.map { ContinuousClock.now < $0 } ?? false }
            }
            state.withLock { state in
                state.results.append(DeliveryResult(line, sent: sent))
                state.counts.note(sent)
            }
            wake.signal()
        }
    }
}

/// What the worker's own thread knows: the lease, and how the endpoints are.
private struct DeliveryTurn {
    /// In seconds.
    private static let term: Int64 = 30
    /// How much of a term is left when the last message is begun: an attempt takes 10 s, and a name's look-up before it.
    private static let margin = Duration.seconds(15)

    let service: ShopMeter
    var schedule = DeliverySchedule()
    private var lease: (held: Leases.Lease, since: ContinuousClock.Instant)?
    private var last: WebhookEndpointID?
    /// What was sent and could not be stored yet.
    private var unsaved: [DeliveryResult] = []

    init(service: ShopMeter) { self.service = service }

    /// Takes or renews the lease. Returns until when messages may be begun; nil while another instance sends.
    mutating func hold() throws -> ContinuousClock.Instant? {
        let asked = ContinuousClock.now
        if let lease {
            if asked - lease.since > .seconds(Self.term / 3) {
                self.lease = try service.blockingRenewLease(lease.held, seconds: Self.term) ? (lease.held, asked) : nil
            }
        } else if let taken = try service.blockingTakeLease(of: DeliveryWorker.job, owner: JobLease.owner, seconds: Self.term) {
            lease = (taken, asked)
        }
        return lease.map { $0.since + .seconds(Self.term) - Self.margin }
    }

    func release() throws { if let lease { try service.blockingReleaseLease(lease.held) } }

    /// Stores what was sent. A line is free when it is stored, or it would be sent again.
    mutating func keep(_ results: [DeliveryResult]) throws {
        unsaved += results
        guard !unsaved.isEmpty else { return }
        try service.blockingKeep(unsaved)
        let (kept, now) = (unsaved, service.systemTime)
        unsaved = []
        var back: Set<WebhookEndpointID> = []
        for result in kept {
            let (id, outcomes) = (result.line.endpoint.endpoint.id, result.sent.compactMap { $0.attempts.last?.isSuccess })
            if schedule.end(result.line.user, for: id, outcomes, at: now) { back.insert(id) }
        }
        for id in back { try service.blockingHasten(id) }
    }

    /// Begins the lines for which there is room, of at most `limit` endpoints.
    mutating func begin(endpoints limit: Int, _ send: (DeliveryLine) -> Void) throws {
        var waiting: Set<WebhookEndpointID> = []
        let (now, start) = (service.systemTime, last)
        while waiting.count < limit, schedule.count < DeliverySchedule.senders {
            guard let (tenant, id) = try service.blockingNextEndpoint(after: last) else {
                last = nil
                if start == nil { schedule.keep(waiting) }
                break
            }
            last = id
            waiting.insert(id)
            let room = schedule.room(for: id, at: now)
            guard room > 0 else { continue }
            for line in try service.blockingDueLines(for: id, of: tenant, without: schedule.users(of: id), limit: room) {
                schedule.begin(line.user, for: id)
                send(line)
            }
        }
    }
}

/// The lines that wait for a sender: never more than there are senders.
private final class LineQueue: Sendable {
    private let state = Mutex<(lines: [DeliveryLine], isStopped: Bool)>(([], false))
    private let filled = DispatchSemaphore(value: 0)

    func append(_ line: DeliveryLine) {
        state.withLock { $0.lines.append(line) }
        filled.signal()
    }

    /// Waits for a line; nil when the queue is stopped.
    func next() -> DeliveryLine? {
        filled.wait()
        return state.withLock { state in
            state.isStopped || state.lines.isEmpty ? nil : state.lines.removeFirst()
        }
    }

    func stop() {
        state.withLock { $0 = ([], true) }
        for _ in 0..<DeliverySchedule.senders { filled.signal() }
    }
}

/// How messages fared since the process began.
package struct DeliveryCounts: Equatable, Sendable {
    /// Attempts that were taken, and that were not.
    package internal(set) var succeeded: Int64 = 0
    package internal(set) var failed: Int64 = 0
    /// Messages that were given up after their last attempt.
    package internal(set) var givenUp: Int64 = 0

    package init() {}

    mutating func note(_ sent: [WebhookDelivery]) {
        for delivery in sent {
            if delivery.attempts.last?.isSuccess ?? false { succeeded += 1 } else { failed += 1 }
            if delivery.status == .failed { givenUp += 1 }
        }
    }
}
