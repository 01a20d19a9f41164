internal import JSON
internal import Metering
internal import Service

extension Command {
    static let shopsCreate = Command(
        path: ["shops", "create"], summary: "Makes a shop, and prints its API key and JWT secret: once.",
        options: [
            Option.shop, Option(name: "name", placeholder: "TEXT", help: "its name for people (its id)"),
            Option(name: "currency", placeholder: "CODE", help: "three letters of ISO 4217 (USD)"),
            Option(name: "clock", placeholder: "live|test", help: "live, or test: a clock that is moved by hand (live)"),
        ] + Option.database,
        details:
            "Prints one line of JSON. A shop that is there already, with the same name, currency and clock, is printed without its secrets.",
        examples: ["shopmeter shops create --shop acme --name 'Acme Ltd' --currency EUR"]
    ) { invocation in
        let options = try ShopOptions(invocation.arguments)
        return try await invocation.withService { service in
            let made = try await service.createShop(id: options.id, name: options.name, currency: options.currency, clock: options.clock)
            var line = made.shop.fields
            if let key = made.apiKey { line["api_key"] = .string(key) }
            if let secret = made.jwtSecret { line["jwt_secret"] = .string(secret) }
            Console.print(JSON.object(line).description)
            return 0
        }
    }

    static let shopsList = Command(
        path: ["shops", "list"], summary: "Prints every shop, a line of JSON each.", options: Option.database,
        examples: ["shopmeter shops list"]
    ) { invocation in
        try await invocation.withService { service in
            var last: ShopID?
            repeat {
                let shops = try await service.shops(after: last, limit: 100)
                for shop in shops { Console.print(JSON.object(shop.fields).description) }
                last = shops.last?.id
            } while last != nil
            return 0
        }
    }

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

/// The parsed arguments of `shops create`.
private struct ShopOptions {
    let id: ShopID
    let name: String
    let currency: Currency
    let clock: Shop.Clock

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.shop()
        name = arguments["name"] ?? id.rawValue
        guard let currency = Currency(arguments["currency"] ?? "USD") else {
            throw UsageError("--currency takes three capital letters, such as EUR.")
        }
        guard let clock = Shop.Clock(rawValue: arguments["clock"] ?? "live") else { throw UsageError("--clock takes live or test.") }
        (self.currency, self.clock) = (currency, clock)
    }
}

extension Arguments {
    /// The shop of the required option `--shop`.
    func shop() throws(UsageError) -> ShopID { try Self.shop(required("shop")) }

    /// The shop of the optional option `--shop`; nil when it is not given.
    func shopIfGiven() throws(UsageError) -> ShopID? {
        guard let text = self["shop"] else { return nil }
        return try Self.shop(text)
    }

    private static func shop(_ text: String) throws(UsageError) -> ShopID {
        guard let id = ShopID(rawValue: text) else { throw UsageError("--shop takes \(IdentifierForm.name.expectation).") }
        return id
    }
}

extension Shop {
    /// The shop as `shops create` and `shops list` print it: without its secrets.
    fileprivate var fields: JSON.Object {
        [
            "shop_id": .string(id.rawValue), "name": .string(name), "currency": .string(currency.code), "clock": .string(clock.rawValue),
            "created_at": .string(createdAt.rfc3339),
        ]
    }
}
