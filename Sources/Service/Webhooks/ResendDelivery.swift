package import Metering
internal import Store

/// The log of what endpoints were told.
extension ShopMeter {
    package func delivery(_ id: WebhookDeliveryID, of tenant: Tenant) async throws -> WebhookDelivery {
        try await read { try Self.delivery(id, of: tenant, $0) }
    }

    /// Sends a message again, whatever became of it, as a delivery of its own with the message's id; once for an idempotency key. What waits is sent
    /// anyway: its delivery is returned as it is.
    package func resendDelivery(
        _ id: WebhookDeliveryID, of tenant: Tenant, once: IdempotentRequest<WebhookDelivery>?
    ) async throws -> IdempotentOutcome<WebhookDelivery> {
        let (now, outbox) = (clock.now(), settings.outbox)
        return try await retryingDuplicates {
            try await transaction { transaction in
                try once.run(of: tenant, in: transaction) {
                    let sent = try Self.delivery(id, of: tenant, transaction)
                    guard sent.status != .pending else { return sent }
                    try Self.requireEnabled(sent.endpoint, of: tenant, transaction)
                    let order = outbox.order()
                    let again = sent.again(as: try Outbox.newDeliveryID(at: order), order: order, at: now)
                    try WebhookDeliveries.insert([(tenant, again)], in: transaction)
                    try AuditTrail.note(.webhookResend, id.rawValue, about: sent.user, at: now, of: tenant, in: transaction)
                    return again
                }
            }
        }
    }

    /// Sends a message of the type `endpoint.test` to an endpoint, once for an idempotency key.
    package func testEndpoint(
        _ id: WebhookEndpointID, of tenant: Tenant, once: IdempotentRequest<WebhookDelivery>?
    ) async throws -> IdempotentOutcome<WebhookDelivery> {
        let (now, outbox) = (try await now(of: tenant), settings.outbox)
        return try await retryingDuplicates {
            try await transaction { transaction in
                try once.run(of: tenant, in: transaction) {
                    try Self.requireEnabled(id, of: tenant, transaction)
                    return try outbox.tell(.test(id), to: id, of: tenant, at: now, in: transaction)
                }
            }
        }
    }

    private static func requireEnabled(_ id: WebhookEndpointID, of tenant: Tenant, _ reading: Reading) throws {
        guard try endpoint(id, of: tenant, reading).endpoint.status == .enabled else {
            throw ServiceError.conflict("The webhook endpoint \(id) is disabled: nothing is sent to it.")
        }
    }

    private static func delivery(_ id: WebhookDeliveryID, of tenant: Tenant, _ reading: Reading) throws -> WebhookDelivery {
        guard let delivery = try WebhookDeliveries.find(id, of: tenant, reading) else {
            throw ServiceError.notFound("There is no webhook delivery \(id).")
        }
        return delivery
    }
}
