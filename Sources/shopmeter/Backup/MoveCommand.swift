internal import Foundation
internal import Glibc
internal import Metering
internal import Mongo
internal import MongoServer
internal import Store

extension Command {
    static let move = Command(
        path: ["move"], summary: "Copies a shop with all that it has into another database, and audits it there.",
        options: [
            Option(name: "shop", placeholder: "SHOP", help: "the shop's id", isRequired: true),
            Option(name: "from", placeholder: "PLACE", help: "where it is (the configured database)"),
            Option(name: "to", placeholder: "PLACE", help: "where it goes", isRequired: true),
            Option(name: "from-database", placeholder: "NAME", help: "the database's name there (shopmeter)"),
            Option(name: "to-database", placeholder: "NAME", help: "the database's name there (shopmeter)"),
        ] + Option.database.filter { !["database"].contains($0.name) },
        details: """
            A place is a MongoDB's connection string, a service's data directory, or env:NAME for the variable that has one of them, as every user of
            the machine can read arguments. Start `serve` on the new database once, as only it makes one.

            It is a backup and a restore in one: the shop as it was at one instant, checked whole before anything is written, and audited afterwards.
            Stop what writes for the shop before, as later changes stay behind. Where it was, the shop stays as it is.
            """,
        examples: ["shopmeter move --shop acme --from ./data --to env:NEW_URI --to-database shopmeter2"]
    ) { invocation in
        let shop = try invocation.arguments.shop()
        let (from, to) = (try invocation.at("from"), try invocation.at("to"))
        return try await withPrivateDirectory { directory in
            let backup = Backup(directory: directory + "/backup")
            _ = try await from.withStore(isPatient: true) { store, _ in
                guard try Backups.has(shop, store) else { throw Failure("There is no shop \(shop) where it is to come from.") }
                _ = try backup.write(store, shop)
                return 0
            }
            return try await to.withStore(isPatient: true) { store, settings in try await backup.restore(into: store, settings) }
        }
    }

    /// Lends a folder that its user alone can read, and removes it with all that it has.
    private static func withPrivateDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
        let directory = FileManager.default.temporaryDirectory.path + "/shopmeter-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        guard unsafe mkdir(directory, 0o700) == 0 else { throw Failure("\(directory) cannot be made: \(systemMessage(errno)).") }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(directory)
    }
}

extension Invocation {
    /// The invocation with the database that an option names, in place of the configured one.
    fileprivate func at(_ option: String) throws(UsageError) -> Invocation {
        var (options, environment) = (arguments.options, environment)
        options["database"] = arguments["\(option)-database"]
        if let place = try place(option) {
            // An empty variable is none.
            environment["SHOPMETER_MONGODB_URI"] = ""
            (options["mongodb-uri"], options["data-dir"]) = (nil, nil)
            options[place.hasPrefix("mongodb://") || place.hasPrefix("mongodb+srv://") ? "mongodb-uri" : "data-dir"] = place
        }
        return Invocation(arguments: Arguments(options: options, operands: arguments.operands), environment: environment)
    }

    private func place(_ option: String) throws(UsageError) -> String? {
        guard let text = arguments[option], text.hasPrefix("env:") else { return arguments[option] }
        let name = String(text.dropFirst(4))
        guard let place = environment[name], !place.isEmpty else {
            throw UsageError("--\(option) names the variable \(name), which is not set.")
        }
        return place
    }
}
