internal import API
internal import JSON
internal import Metering
internal import Service

extension Command {
    static let shopsRotateSecret = Command(
        path: ["shops", "rotate-jwt-secret"], summary: "Gives a shop a new JWT secret, and prints it: once.",
        options: [
            Option.shop,
            Option(name: "overlap-seconds", placeholder: "N", help: "how long the one before still counts, 0 to 604800 (86400)"),
        ] + Option.database,
        details: "Prints one line of JSON. Running services know the new secret within 5 seconds: sign with it from then on.",
        examples: ["shopmeter shops rotate-jwt-secret --shop acme --overlap-seconds 3600"]
    ) { invocation in
        let shop = try invocation.arguments.shop()
        let overlap = try Setting<Int64>.integer("overlap-seconds", in: SecretRotation.overlaps).option(of: invocation.arguments)
        return try await invocation.withService { service in
            let (rotation, secret) = try await service.rotateSecret(of: shop, overlap: overlap ?? SecretRotation.defaultOverlap)
            let line: JSON = [
                "shop_id": .string(shop.rawValue), "jwt_secret": .string(secret),
                "previous_valid_until": .string(rotation.previousValidUntil.rfc3339),
            ]
            Console.print(line.description)
            return 0
        }
    }
}
