internal import API
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
}

/// What `shops create` was asked for.
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
    func shop() throws(UsageError) -> ShopID { try Self.shop(required("shop")) }

    func shop(ifAny option: String) throws(UsageError) -> ShopID? {
        guard let text = self[option] else { return nil }
        return try Self.shop(text)
    }

    private static func shop(_ text: String) throws(UsageError) -> ShopID {
        guard let id = ShopID(rawValue: text) else { throw UsageError("--shop takes \(IdentifierText.expectation).") }
        return id
    }
}

extension Shop {
    /// What a list shows: never a secret.
    fileprivate var fields: JSON.Object {
        [
            "shop_id": .string(id.rawValue), "name": .string(name), "currency": .string(currency.code), "clock": .string(clock.rawValue),
            "created_at": .string(createdAt.rfc3339),
        ]
    }
}
