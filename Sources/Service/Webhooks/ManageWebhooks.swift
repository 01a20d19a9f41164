internal import Crypto
internal import Foundation
package import Metering
internal import Store

/// An endpoint that a shop makes, or what it changes of one; what is nil stays.
package struct WebhookEndpointChange: Equatable, Sendable {
    package var url: String?
    package var types: Set<WebhookType>?
    /// An inner nil takes the description away.
    package var description: String??
    package var status: WebhookEndpoint.Status?

    package init() {}
}

extension ShopMeter {
    /// Makes an endpoint, once for an idempotency key. The answer that is kept does not have the secret.
    package func createEndpoint(
        _ change: WebhookEndpointChange, of tenant: Tenant, once: IdempotentRequest<WebhookEndpoint>?
    ) async throws -> IdempotentOutcome<(endpoint: WebhookEndpoint, secret: String)> {
        let (now, secret) = (clock.now(), try Self.newWebhookSecret())
        let endpoint = WebhookEndpoint(
            id: WebhookEndpointID(stored: "whe_" + Hex.text(try randomBytes(12))), url: try address(change.url ?? ""),
            types: change.types ?? [], description: change.description ?? nil, createdAt: now)
        let outcome = try await retryingDuplicates {
            try await transaction { transaction in
                try once.run(of: tenant, in: transaction) {
                    guard try WebhookEndpoints.all(of: tenant, transaction).count < WebhookEndpoint.maximum else {
                        throw ServiceError.conflict("The shop has \(WebhookEndpoint.maximum) endpoints, the most there may be.")
                    }
                    try WebhookEndpoints.insert(
                        StoredEndpoint(endpoint, secrets: [SigningSecret(text: secret)], of: tenant), in: transaction)
                    try AuditTrail.note(.webhookCreate, endpoint.id.rawValue, at: now, of: tenant, in: transaction)
                    return endpoint
                }
            }
        }
        settings.outbox.forget(tenant)
        return outcome.map { (endpoint: $0, secret: secret) }
    }

    package func endpoint(_ id: WebhookEndpointID, of tenant: Tenant) async throws -> WebhookEndpoint {
        try await read { try Self.endpoint(id, of: tenant, $0).endpoint }
    }

    /// Changes an endpoint. Other instances know it within 5 s. One that is disabled is given up: what waits for it is not sent any more.
    package func changeEndpoint(
        _ id: WebhookEndpointID, _ change: WebhookEndpointChange, of tenant: Tenant
    ) async throws -> WebhookEndpoint {
        let (now, url) = (clock.now(), try change.url.map(address))
        let changed = try await transaction { transaction in
            var stored = try Self.endpoint(id, of: tenant, transaction)
            stored.endpoint.url = url ?? stored.endpoint.url
            stored.endpoint.types = change.types ?? stored.endpoint.types
            if let description = change.description { stored.endpoint.description = description }
            if let status = change.status { stored.endpoint.set(status) }
            try WebhookEndpoints.save(stored, in: transaction)
            if change.status == .disabled { try WebhookDeliveries.giveUp(id, because: "the endpoint was disabled", transaction) }
            try AuditTrail.note(.webhookUpdate, id.rawValue, at: now, of: tenant, in: transaction)
            return stored.endpoint
        }
        settings.outbox.forget(tenant)
        return changed
    }

    package func deleteEndpoint(_ id: WebhookEndpointID, of tenant: Tenant) async throws {
        let now = clock.now()
        try await transaction { transaction in
            guard try WebhookEndpoints.delete(id, of: tenant, in: transaction) else { throw Self.noEndpoint(id) }
            try WebhookDeliveries.giveUp(id, because: "the endpoint was deleted", transaction)
            try AuditTrail.note(.webhookDelete, id.rawValue, at: now, of: tenant, in: transaction)
        }
        settings.outbox.forget(tenant)
    }

    /// Gives an endpoint a new secret, once for an idempotency key. Messages are signed by the present one too for `overlap` seconds more.
    package func rotateEndpointSecret(
        of id: WebhookEndpointID, overlap: Int64, of tenant: Tenant, once: IdempotentRequest<WebhookSecretRotation>?
    ) async throws -> IdempotentOutcome<(rotation: WebhookSecretRotation, secret: String)> {
        let (now, secret) = (clock.now(), try Self.newWebhookSecret())
        let rotation = WebhookSecretRotation(endpoint: id, previousValidUntil: now.adding(milliseconds: overlap * 1_000))
        return try await retryingDuplicates {
            try await transaction { transaction in
                try once.run(of: tenant, in: transaction) {
                    var stored = try Self.endpoint(id, of: tenant, transaction)
                    stored.rotate(to: secret, at: now, previousUntil: rotation.previousValidUntil)
                    try WebhookEndpoints.save(stored, in: transaction)
                    try AuditTrail.note(.webhookSecretRotate, id.rawValue, at: now, of: tenant, in: transaction)
                    return rotation
                }
            }
        }.map { (rotation: $0, secret: secret) }
    }

    static func endpoint(_ id: WebhookEndpointID, of tenant: Tenant, _ reading: Reading) throws -> StoredEndpoint {
        guard let stored = try WebhookEndpoints.find(id, of: tenant, reading) else { throw noEndpoint(id) }
        return stored
    }

    private static func noEndpoint(_ id: WebhookEndpointID) -> ServiceError { .notFound("There is no webhook endpoint \(id).") }

    private func address(_ text: String) throws -> WebhookURL {
        guard let url = WebhookURL(text, allowingPlain: settings.allowsPrivateWebhooks) else {
            let scheme = settings.allowsPrivateWebhooks ? "an https:// or http:// URL" : "an https:// URL"
            throw ServiceError.invalid(field: "url", expected: "expected \(scheme) without a user, a password or a fragment")
        }
        return url
    }

    /// 256 random bits, as Standard Webhooks write a secret.
    private static func newWebhookSecret() throws -> String { "whsec_" + Data(try randomBytes(32)).base64EncodedString() }
}

/// The change of an endpoint's secret, without the secret.
package struct WebhookSecretRotation: Sendable {
    package let endpoint: WebhookEndpointID
    /// When messages are no longer signed by the previous secret.
    package let previousValidUntil: Timestamp
}
