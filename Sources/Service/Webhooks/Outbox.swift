internal import Crypto
package import Metering
internal import Store
internal import Synchronization

/// Writes the message that endpoints get: `{"type", "timestamp", "data"}`, by the shop's time.
package typealias WebhookBody = @Sendable (_ cause: WebhookCause, _ at: Timestamp) -> String

/// Tells a shop's endpoints what happens: a message for each that asked for it is stored in the transaction of its cause. Where nobody asked, nothing is
/// written.
struct Outbox: Sendable {
    /// What an endpoint asks for.
    struct Subscription: Sendable {
        let endpoint: WebhookEndpointID
        let types: Set<WebhookType>
    }

    /// Nil in a program that tells nobody.
    private let body: WebhookBody?
    private let clock: any WallClock
    private let subscriptions: RecentValues<ShopID, [Subscription]>
    private let orders: MessageOrders

    init(_ body: WebhookBody?, clock: any WallClock) {
        self.body = body
        self.clock = clock
        subscriptions = RecentValues()
        orders = MessageOrders()
    }

    static let closed = Outbox(nil, clock: SystemClock())

    /// Stores the messages of what happened in a shop at `now`, by the shop's time.
    func tell(_ causes: [WebhookCause], of tenant: Tenant, at now: Timestamp, in transaction: Transaction) throws {
        guard !causes.isEmpty, let body else { return }
        let subscriptions = try self.subscriptions(of: tenant, transaction)
        guard !subscriptions.isEmpty else { return }
        var deliveries: [(tenant: Tenant, delivery: WebhookDelivery)] = []
        for cause in causes {
            let endpoints = subscriptions.filter { $0.types.contains(cause.type) }.map(\.endpoint)
            for delivery in try messages(of: cause, for: endpoints, body, at: now) { deliveries.append((tenant, delivery)) }
        }
        try WebhookDeliveries.insert(deliveries, in: transaction)
    }

    /// Stores the messages of what happened in several shops.
    func tell(_ causes: [Tenant: [WebhookCause]], at times: ShopTimes, in transaction: Transaction) throws {
        for (tenant, causes) in causes { try tell(causes, of: tenant, at: times.of(tenant), in: transaction) }
    }

    /// Stores a message for one endpoint, whatever it asked for.
    func tell(_ cause: WebhookCause, to endpoint: WebhookEndpointID, of tenant: Tenant, at now: Timestamp, in transaction: Transaction)
        throws -> WebhookDelivery
    {
        guard let body, let delivery = try messages(of: cause, for: [endpoint], body, at: now).first else {
            throw ServiceError.fault("This program tells nobody.")
        }
        try WebhookDeliveries.insert([(tenant, delivery)], in: transaction)
        return delivery
    }

    /// The next message's order.
    func order() -> Int64 { orders.next(at: clock.now()) }

    /// Ids are in the order of the messages, so that the log is too where several came in a millisecond.
    static func newDeliveryID(at order: Int64) throws -> WebhookDeliveryID {
        let digits = String(order, radix: 16)
        return WebhookDeliveryID(
            stored: "whd_" + String(repeating: "0", count: max(0, 16 - digits.count)) + digits + Hex.text(try randomBytes(4)))
    }

    /// Forgets what the shop's endpoints asked for, as they changed.
    func forget(_ tenant: Tenant) { subscriptions.forget(tenant.shop) }

    private func messages(
        of cause: WebhookCause, for endpoints: [WebhookEndpointID], _ body: WebhookBody, at now: Timestamp
    ) throws -> [WebhookDelivery] {
        guard !endpoints.isEmpty else { return [] }
        let (text, sent) = (body(cause, now), clock.now())
        let message = WebhookMessageID(stored: "msg_" + Hex.text(try randomBytes(16)))
        return try endpoints.map { endpoint in
            let order = orders.next(at: sent)
            return WebhookDelivery(
                id: try Self.newDeliveryID(at: order), endpoint: endpoint, message: message, type: cause.type, user: cause.user,
                order: order, body: text, createdAt: sent, nextAt: sent)
        }
    }

    /// As they were read within the last 4 s.
    private func subscriptions(of tenant: Tenant, _ reading: Reading) throws -> [Subscription] {
        switch subscriptions.find(tenant.shop) {
        case .fresh(let known): return known ?? []
        case .aging, .unknown:
            let asked = ContinuousClock.now
            let read = try WebhookEndpoints.all(of: tenant, reading).filter { $0.endpoint.status == .enabled }
                .map { Subscription(endpoint: $0.endpoint.id, types: $0.endpoint.types) }
            subscriptions.remember(read, of: tenant.shop, readAt: asked)
            return read
        }
    }
}

/// The orders of messages: milliseconds of the system's time in the upper bits, and rising within this process whatever its clock does.
private final class MessageOrders: Sendable {
    private let last = Mutex<Int64>(0)

    func next(at now: Timestamp) -> Int64 {
        last.withLock { last in
            last = max(last + 1, now.milliseconds << 20)
            return last
        }
    }
}
