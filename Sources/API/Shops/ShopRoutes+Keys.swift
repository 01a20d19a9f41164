import HTTP
import JSON
import Metering
import Service
import Web

extension ShopRoutes {
    var postKey: Route {
        Route(
            .post, "/v1/admin/shops/{shop_id}/keys", id: "createKey", "Make a key of a shop", tag: Self.tag, access: .admin,
            idempotency: .key, parameters: [Self.shopID],
            body: .json(
                .object([
                    .required("name", .string(1...200)),
                    .required("scopes", .array(of: APIKey.scopeSchema, count: 1...Scope.allCases.count)),
                    .optional("expires_at", .nullable(.time), "From when on it does not count; null: until it is revoked.", default: .null),
                    .optional(
                        "allowed_addresses", .array(of: .text(.addressRange), count: 0...APIKey.Terms.maximumAddresses),
                        "The networks from which it counts; none: from everywhere. Behind a proxy the address is the proxy's.", default: []),
                    .reason,
                ])),
            answers: [
                .json(201, "The key, shown this once", APIKey.createdSchema),
                .json(200, "The key was made with this `Idempotency-Key` before; it is not shown again", APIKey.createdSchema),
            ],
            problems: [.notFound], handle: createKey)
    }

    private func createKey(_ call: Call) async throws -> Response {
        let once: IdempotentRequest<APIKey>? = try call.once(as: "POST /v1/admin/shops/{shop_id}/keys") { $0.json(text: nil) }
        let outcome = try await service.createKey(
            of: try call.parameters.identifier("shop_id"), try Self.terms(call.fields), once: once)
        return try outcome.response { .json(201, $0.key.json(text: $0.text)) }
    }

    private static func terms(_ fields: JSON.Object) throws -> APIKey.Terms {
        APIKey.Terms(
            name: try fields.text("name"),
            scopes: Set(try fields.array("scopes").compactMap { $0.string.flatMap(Scope.init(rawValue:)) }),
            addresses: try (fields.array(ifAny: "allowed_addresses") ?? []).compactMap { $0.string.flatMap(AddressRange.init(_:)) },
            expiresAt: try fields.time(ifAny: "expires_at"))
    }

    var rotateKey: Route {
        Route(
            .post, "/v1/admin/shops/{shop_id}/keys/{key_id}/rotate", id: "rotateKey", "Make a key in another one's place",
            description: """
                With its name, scopes and addresses; a key that expires lasts as long again. The one before counts for a while beside it. One that \
                was replaced or counts no more: 409.
                """,
            tag: Self.tag, access: .admin, idempotency: .key, parameters: [Self.shopID, .path("key_id")],
            body: .optional(
                .object([
                    .optional(
                        "overlap_seconds", .integer(APIKey.overlaps), "How long the one before still counts.",
                        default: .integer(APIKey.defaultOverlap)), .reason,
                ])),
            answers: [
                .json(201, "The new key, shown this once", APIKey.rotatedSchema),
                .json(200, "It was made with this `Idempotency-Key` before; it is not shown again", APIKey.rotatedSchema),
            ],
            problems: [.notFound, .conflict], handle: rotateKey)
    }

    private func rotateKey(_ call: Call) async throws -> Response {
        let id: KeyID = try call.parameters.identifier("key_id")
        let operation = "POST /v1/admin/shops/{shop_id}/keys/\(id)/rotate"
        let once: IdempotentRequest<KeyRotation>? = try call.once(as: operation) { $0.json(text: nil) }
        let outcome = try await service.rotateKey(
            id, of: try call.parameters.identifier("shop_id"),
            overlap: try call.fields.integer(ifAny: "overlap_seconds") ?? APIKey.defaultOverlap, once: once)
        return try outcome.response { .json(201, $0.rotation.json(text: $0.text)) }
    }

    var getKeys: Route {
        Route(
            .get, "/v1/admin/shops/{shop_id}/keys", id: "listKeys", "The keys of a shop", tag: Self.tag, access: .admin,
            parameters: [Self.shopID] + Page.parameters,
            answers: [.json(200, "Keys in the order of their ids", Page.schema(of: APIKey.schema))], problems: [.notFound],
            handle: listKeys)
    }

    private func listKeys(_ call: Call) async throws -> Response {
        let shop: ShopID = try call.parameters.identifier("shop_id")
        return try await call.answer(
            "keys", keyedBy: .id, key: \APIKey.id, json: { .object($0.object) },
            read: { try await service.keys(of: shop, after: $0, limit: $1) })
    }

    var deleteKey: Route {
        Route(
            .delete, "/v1/admin/shops/{shop_id}/keys/{key_id}", id: "revokeKey", "Revoke a key",
            description: "It stops working at once here, and within 5 seconds on every other instance.", tag: Self.tag, access: .admin,
            parameters: [Self.shopID, .path("key_id"), .reason], answers: [.empty(204, "The key is revoked")], problems: [.notFound]
        ) { call in
            try await service.revokeKey(try call.parameters.identifier("key_id"), of: try call.parameters.identifier("shop_id"))
            return .empty
        }
    }
}
