internal import JSON
internal import Metering
internal import Service

extension Command {
    static let keysCreate = Command(
        path: ["keys", "create"], summary: "Makes an API key of a shop, and prints it: once.",
        options: [
            Option.shop, Option(name: "name", placeholder: "TEXT", help: "what the key is for (key)"),
            Option(name: "scopes", placeholder: "A,B", help: "of \(Scope.allCases.map(\.rawValue).joined(separator: ", ")) (all)"),
            Option(name: "expires-at", placeholder: "TIME", help: "when it stops counting, in RFC 3339 (never)"),
            Option(name: "addresses", placeholder: "NET,NET", help: "the networks from which it counts, such as 192.0.2.0/24 (all)"),
        ] + Option.database,
        examples: ["shopmeter keys create --shop acme --name backend --scopes usage,read"]
    ) { invocation in
        let shop = try invocation.arguments.shop()
        let terms = APIKey.Terms(
            name: invocation.arguments["name"] ?? "key", scopes: try invocation.arguments.scopes(),
            addresses: try invocation.arguments.addresses(), expiresAt: try invocation.arguments.expiry())
        return try await invocation.withService { service in
            let made = try await service.createKey(of: shop, terms, once: nil).result
            var line = made.key.fields
            line["api_key"] = .string(made.text)
            Console.print(JSON.object(line).description)
            return 0
        }
    }

    static let keysRotate = Command(
        path: ["keys", "rotate"], summary: "Makes an API key in another one's place, and prints it: once.",
        operands: [Operand(name: "KEY_ID", help: "the part between smk_ and the next _")],
        options: [
            Option.shop,
            Option(
                name: "overlap-seconds", placeholder: "N",
                help: "how long the one before still counts (\(APIKey.defaultOverlap))"),
        ] + Option.database,
        examples: ["shopmeter keys rotate 0f3a9c5d7e21 --shop acme --overlap-seconds 3600"]
    ) { invocation in
        let shop = try invocation.arguments.shop()
        let (key, overlap) = (try invocation.arguments.key(), try invocation.arguments.overlap())
        return try await invocation.withService { service in
            let made = try await service.rotateKey(key, of: shop, overlap: overlap, once: nil).result
            var line = made.rotation.key.fields
            line["api_key"] = .string(made.text)
            line["replaces"] = .string(key.rawValue)
            line["previous_valid_until"] = JSON(made.rotation.previousValidUntil?.rfc3339)
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
        let key = try invocation.arguments.key()
        return try await invocation.withService { service in
            try await service.revokeKey(key, of: shop)
            return 0
        }
    }
}

extension Arguments {
    fileprivate func key() throws(UsageError) -> KeyID {
        guard let key = KeyID(rawValue: operands[0]) else { throw UsageError("KEY_ID takes \(IdentifierForm.name.expectation).") }
        return key
    }

    fileprivate func overlap() throws(UsageError) -> Int64 {
        guard let text = self["overlap-seconds"] else { return APIKey.defaultOverlap }
        guard let seconds = Int64(text), APIKey.overlaps.contains(seconds) else {
            throw UsageError("--overlap-seconds takes a whole number from 0 to \(APIKey.overlaps.upperBound).")
        }
        return seconds
    }

    fileprivate func expiry() throws(UsageError) -> Timestamp? {
        guard let text = self["expires-at"] else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw UsageError("--expires-at takes an RFC 3339 time such as 2027-01-31T00:00:00Z.")
        }
        return time
    }

    fileprivate func addresses() throws(UsageError) -> [AddressRange] {
        guard let text = self["addresses"] else { return [] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let ranges = parts.compactMap { AddressRange(String($0)) }
        guard ranges.count == parts.count, ranges.count <= APIKey.Terms.maximumAddresses else {
            throw UsageError("--addresses takes up to \(APIKey.Terms.maximumAddresses) networks such as 192.0.2.0/24 or 2001:db8::/48.")
        }
        return ranges
    }

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
            "key_id": .string(id.rawValue), "name": .string(terms.name), "scopes": JSON(terms.scopes.map(\.rawValue).sorted()),
            "last_four": .string(lastFour), "created_at": .string(createdAt.rfc3339), "revoked_at": JSON(revokedAt?.rfc3339),
            "expires_at": JSON(terms.expiresAt?.rfc3339), "allowed_addresses": JSON(terms.addresses.map(\.text)),
            "last_used_at": JSON(lastUsedAt?.rfc3339), "replaced_by": JSON(replacedBy?.rawValue),
        ]
    }
}
