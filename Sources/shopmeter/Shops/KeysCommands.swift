internal import JSON
internal import Metering
internal import Service

extension Command {
    static let keysCreate = Command(
        path: ["keys", "create"], summary: "Makes an API key of a shop, and prints it: once.",
        options: [
            Option.shop, Option(name: "name", placeholder: "TEXT", help: "what the key is for (key)"),
            Option(name: "scopes", placeholder: "A,B", help: "of read, usage, billing, manage (all)"),
        ] + Option.database,
        examples: ["shopmeter keys create --shop acme --name backend --scopes usage,read"]
    ) { invocation in
        let shop = try invocation.arguments.shop()
        let scopes = try invocation.arguments.scopes()
        return try await invocation.withService { service in
            let made = try await service.createKey(of: shop, name: invocation.arguments["name"] ?? "key", scopes: scopes)
            var line = made.key.fields
            line["api_key"] = .string(made.text)
            Console.print(JSON.object(line).description)
            return 0
        }
    }

    static let keysList = Command(
        path: ["keys", "list"], summary: "Prints a shop's API keys, a line of JSON each, without their secrets.",
        options: [Option.shop] + Option.database, examples: ["shopmeter keys list --shop acme"]
    ) { invocation in
        let shop = try invocation.arguments.shop()
        return try await invocation.withService { service in
            var last: KeyID?
            repeat {
                let keys = try await service.keys(of: shop, after: last, limit: 100)
                for key in keys { Console.print(JSON.object(key.fields).description) }
                last = keys.last?.id
            } while last != nil
            return 0
        }
    }

    static let keysRevoke = Command(
        path: ["keys", "revoke"], summary: "Takes an API key's rights away; running services follow within 5 seconds.",
        operands: [Operand(name: "KEY_ID", help: "the part between smk_ and the next _")], options: [Option.shop] + Option.database,
        examples: ["shopmeter keys revoke 0f3a9c5d7e21 --shop acme"]
    ) { invocation in
        let shop = try invocation.arguments.shop()
        guard let key = KeyID(rawValue: invocation.arguments.operands[0]) else {
            throw UsageError("KEY_ID takes \(IdentifierForm.name.expectation).")
        }
        return try await invocation.withService { service in
            try await service.revokeKey(key, of: shop)
            return 0
        }
    }
}

extension Arguments {
    /// The scopes that `--scopes` lists; all of them when it is not given.
    fileprivate func scopes() throws(UsageError) -> Set<Scope> {
        guard let text = self["scopes"] else { return Set(Scope.allCases) }
        var scopes: Set<Scope> = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let scope = Scope(rawValue: String(name)) else {
                throw UsageError("--scopes has \"\(name)\"; expected some of \(Scope.allCases.map(\.rawValue).joined(separator: ",")).")
            }
            scopes.insert(scope)
        }
        return scopes
    }
}

extension APIKey {
    /// The key as the commands print it: without its secret.
    fileprivate var fields: JSON.Object {
        [
            "key_id": .string(id.rawValue), "name": .string(name), "scopes": JSON(scopes.map(\.rawValue).sorted()),
            "last_four": .string(lastFour), "created_at": .string(createdAt.rfc3339), "revoked_at": JSON(revokedAt?.rfc3339),
        ]
    }
}
