package import Metering
package import Store

/// The next messages of one user for one endpoint, in order: each is sent when the one before was taken.
package struct DeliveryLine: Sendable {
    package let tenant: Tenant
    package let endpoint: StoredEndpoint
    package let user: UserID?
    package let deliveries: [WebhookDelivery]
}

/// What became of a line: its messages that were sent, with their attempts.
package struct DeliveryResult: Sendable {
    package let line: DeliveryLine
    package let sent: [WebhookDelivery]

    package init(_ line: DeliveryLine, sent: [WebhookDelivery]) {
        self.line = line
        self.sent = sent
    }
}

/// What the worker that sends messages reads and stores, on its own thread, which blocks.
extension ShopMeter {
    /// The most messages of a line.
    private static let lineLength = 16

    /// An endpoint for which something waits: the first one after `last` in the order of the ids, of any shop.
    package func blockingNextEndpoint(
        after last: WebhookEndpointID?
    ) throws -> (tenant: Tenant, endpoint: WebhookEndpointID)? {
        try store.blockingRead { try WebhookDeliveries.nextEndpoint(after: last, $0) }
    }

    /// The lines that are due for an endpoint, at most `limit`, without those of the users who are under way. What waits for an endpoint that is not
    /// there or disabled is given up. What is due behind a message that waits for its next attempt waits as long.
    package func blockingDueLines(
        for id: WebhookEndpointID, of tenant: Tenant, without users: Set<UserID?>, limit: Int
    ) throws -> [DeliveryLine] {
        let now = clock.now()
        return try store.blockingWrite { writing in
            guard let endpoint = try WebhookEndpoints.find(id, of: tenant, writing), endpoint.endpoint.status == .enabled else {
                try WebhookDeliveries.giveUp(id, because: "the endpoint is disabled or deleted", writing)
                return []
            }
            var lines: [DeliveryLine] = []
            for user in try WebhookDeliveries.dueUsers(of: id, by: now, without: users, limit: limit, writing) {
                let deliveries = try WebhookDeliveries.line(of: user, for: id, limit: Self.lineLength, writing)
                guard let next = deliveries.first?.nextAt else { continue }
                if next > now {
                    try WebhookDeliveries.postpone(user, of: id, from: now, to: next, writing)
                } else {
                    lines.append(DeliveryLine(tenant: tenant, endpoint: endpoint, user: user, deliveries: deliveries))
                }
            }
            return lines
        }
    }

    /// Stores what became of lines, and how their endpoints are: one that failed for days is disabled.
    package func blockingKeep(_ results: [DeliveryResult]) throws {
        let sent = results.flatMap { result in result.sent.map { (tenant: result.line.tenant, delivery: $0) } }
        guard !sent.isEmpty else { return }
        try store.blockingWrite { try WebhookDeliveries.keep(sent, $0) }
        for (_, results) in Dictionary(grouping: results, by: \.line.endpoint.endpoint.id) { try noteHealth(of: results) }
    }

    /// Makes all that waits for an endpoint due, as it answers again.
    package func blockingHasten(_ id: WebhookEndpointID) throws {
        let now = clock.now()
        try store.blockingWrite { try WebhookDeliveries.hasten(id, to: now, $0) }
    }

    /// How many messages wait, of all shops.
    package func blockingBacklog() throws -> Int { try store.blockingRead { try WebhookDeliveries.backlog($0) } }

    /// Stores how an endpoint is, where the last attempts changed it.
    private func noteHealth(of results: [DeliveryResult]) throws {
        guard let line = results.first?.line else { return }
        let attempts = results.flatMap(\.sent).compactMap(\.attempts.last).sorted { $0.at < $1.at }
        var guess = line.endpoint.endpoint
        guess.note(attempts)
        guard guess != line.endpoint.endpoint else { return }
        let (id, tenant, now) = (guess.id, line.tenant, clock.now())
        let isDisabled = try store.blockingTransaction { transaction in
            guard var stored = try WebhookEndpoints.find(id, of: tenant, transaction), stored.endpoint.status == .enabled else {
                return false
            }
            stored.endpoint.note(attempts)
            try WebhookEndpoints.save(stored, in: transaction)
            guard stored.endpoint.status == .disabled else { return false }
            try WebhookDeliveries.giveUp(id, because: stored.endpoint.disabledReason ?? "the endpoint was disabled", transaction)
            let author = Author(.job("deliveries"), reason: stored.endpoint.disabledReason)
            try AuditTrail.insert(
                [(tenant, AuditEntry(.webhookDisable, by: author, target: id.rawValue, at: now))], in: transaction)
            return true
        }
        if isDisabled { settings.outbox.forget(tenant) }
    }
}

/// The lease of the worker, on its own thread, which blocks.
extension ShopMeter {
    package func blockingTakeLease(of job: String, owner: String, seconds: Int64) throws -> Leases.Lease? {
        store.blockingEndIdleTransactions()
        return try store.blockingWrite { try Leases.acquire(job, owner: owner, seconds: seconds, $0) }
    }

    package func blockingRenewLease(_ lease: Leases.Lease, seconds: Int64) throws -> Bool {
        try store.blockingWrite { try Leases.renew(lease, seconds: seconds, $0) }
    }

    package func blockingReleaseLease(_ lease: Leases.Lease) throws { try store.blockingWrite { try Leases.release(lease, $0) } }

    /// Whether webhooks go to private addresses and without TLS.
    package var allowsPrivateWebhooks: Bool { settings.allowsPrivateWebhooks }
}

extension WebhookEndpoint {
    fileprivate mutating func note(_ attempts: [WebhookAttempt]) {
        for attempt in attempts {
            if attempt.isSuccess { noteSuccess() } else { noteFailure(at: attempt.at, isGone: attempt.isGone) }
        }
    }
}
