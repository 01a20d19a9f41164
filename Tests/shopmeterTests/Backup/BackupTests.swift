import Foundation
import Metering
import Mongo
import Service
import Store
import StoreSupport
import Support
import Testing

@testable import shopmeter

@Suite struct BackupTests {
    /// A shop with events, a wallet and a subscription, beside another shop.
    private func fill(_ store: MeterStore) async throws {
        let service = ShopMeter(store: store, settings: Settings(adminToken: ""))
        defer { service.drain() }
        for name in ["acme", "rival"] {
            let made = try await service.createShop(id: ShopID(stored: name), name: name, currency: Currency(stored: "USD"), clock: .live)
            let tenant = made.shop.tenant
            let commands = (0..<1_200).map { number in
                UsageCommand(
                    tenant: tenant, user: UserID(stored: "ü|\(number % 7)"), event: EventID(stored: "e/\(number)"),
                    content: UsageContent(amount: Int64(number), dimensions: ["model.name": "=é\n\(number % 3)"]))
            }
            for first in stride(from: 0, to: commands.count, by: 400) {
                _ = await service.recordUsage(Array(commands[first..<first + 400]))
            }
            _ = try await service.putPlan(Settings(adminToken: "").freePlan(currency: Currency(stored: "USD")), of: tenant)
            _ = try await service.changeSubscription(
                SubscriptionRequest(user: UserID(stored: "ü|1"), action: .create, planName: .free), of: tenant)
        }
    }

    private func lines(_ store: MeterStore, _ shop: ShopID?) throws -> [String] {
        try Backups.reading(store) { reader in
            var lines: [String] = []
            for collection in Backups.collections { try reader.each(collection, of: shop) { lines.append($0) } }
            return lines
        }
    }

    @Test(arguments: [nil, "acme"])
    func `What is restored is what was there, type by type, and the audit finds nothing`(name: String?) async throws {
        let shop = name.map { ShopID(stored: $0) }
        let directory = FileManager.default.temporaryDirectory.path + "/shopmeter-backup-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var before: [String] = []
        try await withTestStore { store, database in
            try await fill(store)
            before = try lines(store, shop)
            let manifest = try Backup(directory: directory).write(store, shop)
            // The entries of the accounts' logs: the events, and the step of the subscription.
            #expect(manifest.files.first { $0.collection == "usage_events" }?.documents == (shop == nil ? 2_402 : 1_201))
            #expect(throws: Failure.self, "it is there already") { try Backup(directory: directory).write(store, shop) }
            #expect(try Backups.taken(store, by: shop) != nil)
        }
        try await withTestStore { store, database in
            #expect(try Backups.taken(store, by: shop) == nil)
            let backup = Backup(directory: directory)
            try backup.insert(try backup.check().files, into: store)
            #expect(try lines(store, shop) == before)
            let service = ShopMeter(store: store, settings: Settings(adminToken: ""))
            defer { service.drain() }
            let done = try await service.audit(of: nil, found: { Issue.record("\($0)") }, progress: { _ in })
            #expect(done.differences == 0 && done.accounts == (shop == nil ? 14 : 7))
        }
        try expectRefusals(directory)
    }

    @Test func `A shop moves into another database, once, and stays where it was`() async throws {
        try await withTestStore { store, database in
            try await fill(store)
            let acme = ShopID(stored: "acme")
            let before = try lines(store, acme)
            try await withTestDatabase { other in
                let target = MeterStore(database: other)
                try target.prepare()
                let environment = ["OLD": try TestDatabase.uri(), "SHOPMETER_DATA_DIR": "/proc/none"]
                func move(_ shop: String, from: String = "env:OLD") async throws -> Int32 {
                    await Program(environment: environment).run([
                        "move", "--shop", shop, "--from", from, "--from-database", database.name, "--to", try TestDatabase.uri(),
                        "--to-database", other.name,
                    ])
                }
                #expect(try await move("nobody") == 1)
                #expect(try await move("acme", from: "env:NONE") == 2)
                #expect(try await move("acme") == 0)
                #expect(try lines(target, nil) == before && lines(store, acme) == before)
                #expect(try await move("acme") == 1)
                #expect(try await move("rival") == 0)
                #expect(try lines(target, nil) == lines(store, nil))
            }
        }
    }

    /// A backup that was cut, changed, or lacks a file is refused as a whole.
    private func expectRefusals(_ directory: String) throws {
        let manifest = directory + "/manifest.json"
        let said = try #require(FileManager.default.contents(atPath: manifest))
        for index in stride(from: 0, to: said.count, by: 7) {
            var changed = said
            changed[index] ^= 1
            try changed.write(to: URL(fileURLWithPath: manifest))
            #expect(throws: Failure.self, "byte \(index)") { try Backup(directory: directory).check() }
        }
        try said.write(to: URL(fileURLWithPath: manifest))
        _ = try Backup(directory: directory).check()
        let path = directory + "/usage_events.ndjson"
        let whole = try #require(FileManager.default.contents(atPath: path))
        for bad in [
            whole.dropLast(1), whole + Data("{}\n".utf8), Data(String(decoding: whole, as: UTF8.self).replacing("e/7", with: "e/8").utf8),
        ] {
            try bad.write(to: URL(fileURLWithPath: path))
            #expect(throws: Failure.self) { try Backup(directory: directory).check() }
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: Failure.self) { try Backup(directory: directory).check() }
    }
}
