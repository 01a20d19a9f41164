internal import Crypto
internal import Foundation
internal import JSON
internal import Metering
internal import Service
internal import Store

extension Command {
    private static let details = """
        A backup is a folder: lines of Extended JSON for each collection, and a manifest with their checksums and the schema's version. It has the
        shops' secrets: keep it as you keep the database.
        """

    static let backup = Command(
        path: ["backup"], summary: "Writes a shop, or all of them, into a folder, as all was at one instant.",
        operands: [Operand(name: "DIR", help: "the folder of the backup")],
        options: [Option(name: "shop", placeholder: "SHOP", help: "the shop's id (all shops)")] + Option.database,
        details: details + " It may run while the service does.",
        examples: ["shopmeter backup backup-1", "shopmeter backup acme-1 --shop acme"]
    ) { invocation in
        let (directory, shop) = (invocation.arguments.operands[0], try invocation.arguments.shopIfGiven())
        return try await invocation.withStore(isPatient: true) { store, _ in
            let manifest = try Backup(directory: directory).write(store, shop)
            Console.print("documents: \(manifest.documents)")
            return 0
        }
    }

    static let restore = Command(
        path: ["restore"], summary: "Puts a backup into a database that has nothing of its shops, and audits it.",
        operands: [Operand(name: "DIR", help: "the folder of the backup")], options: Option.database,
        details: details + " Everything is checked before anything is written. Start `serve` on the database once, as only it makes one.",
        examples: ["shopmeter restore backup-1 --database shopmeter2"]
    ) { invocation in
        let directory = invocation.arguments.operands[0]
        return try await invocation.withStore(isPatient: true) { store, settings in
            try await Backup(directory: directory).restore(into: store, settings)
        }
    }
}

/// A folder with a backup.
struct Backup {
    let directory: String

    /// Writes a backup into the folder, which must not be there yet.
    func write(_ store: MeterStore, _ shop: ShopID?) throws -> BackupManifest {
        guard !FileManager.default.fileExists(atPath: directory) else { throw Failure("\(directory) is there already.") }
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let files = try Backups.reading(store) { lines in try Backups.collections.map { try write($0, lines, shop) } }
        let manifest = BackupManifest(
            program: Version.current, schemaVersion: Backups.schemaVersion, shop: shop, madeAt: SystemClock().now(), files: files)
        var file = try OutputFile(directory + "/" + BackupManifest.name)
        try file.write(try manifest.encoded())
        try file.finish()
        return manifest
    }

    private func write(_ collection: String, _ lines: Backups.Lines, _ shop: ShopID?) throws -> BackupManifest.File {
        var file = try OutputFile("\(directory)/\(collection).ndjson")
        var digest = try SHA256Stream()
        var count: Int64 = 0
        try lines.each(collection, of: shop) { line in
            let bytes = Array((line + "\n").utf8)
            try digest.add(bytes)
            try file.write(bytes)
            count += 1
        }
        try file.finish()
        return BackupManifest.File(collection: collection, documents: count, sha256: Hex.text(try digest.digest()))
    }

    /// Puts the whole of it into a database that has nothing of its shops, and audits them. Returns the exit code.
    func restore(into store: MeterStore, _ settings: Settings) async throws -> Int32 {
        let manifest = try check()
        if let taken = try Backups.taken(store, by: manifest.shop) {
            throw Failure("The database has documents of \(manifest.shop?.rawValue ?? "shops") already, in \(taken): nothing was restored.")
        }
        try insert(manifest.files, into: store)
        let service = ShopMeter(store: store, settings: settings)
        defer { service.drain() }
        let done = try await service.audit(of: manifest.shop, found: { Console.print(AuditText.line(of: $0)) }, progress: { _ in })
        Console.print("documents: \(manifest.documents)\n" + AuditText.summary(of: done))
        return done.differences == 0 ? 0 : 1
    }

    func insert(_ files: [BackupManifest.File], into store: MeterStore) throws {
        for file in files { try read(file) { try Backups.insert($0, into: file.collection, store) } }
    }

    /// Checks every file against the manifest. Throws a sentence that says what is wrong.
    func check() throws -> BackupManifest {
        guard let manifest = BackupManifest(try bytes(BackupManifest.name)) else {
            throw Failure("\(directory)/\(BackupManifest.name) is no manifest of a backup.")
        }
        guard manifest.schemaVersion == Backups.schemaVersion else {
            throw Failure(
                "The backup has version \(manifest.schemaVersion) of the schema, and this program \(Backups.schemaVersion): restore it with \(manifest.program)."
            )
        }
        guard manifest.files.map(\.collection) == Backups.collections else {
            throw Failure("The manifest does not have this version's collections.")
        }
        for file in manifest.files {
            var (count, areDocuments) = (Int64(0), true)
            let sum = try read(file) { lines in
                count += Int64(lines.count)
                areDocuments = areDocuments && lines.allSatisfy { Backups.isDocument($0, of: file.collection, manifest.shop) }
            }
            guard sum == file.sha256 else {
                throw Failure("\(directory)/\(file.name) is not as it was written: nothing was restored.")
            }
            guard count == file.documents, areDocuments else {
                throw Failure("\(directory)/\(file.name) does not have the documents that the manifest says: nothing was restored.")
            }
        }
        return manifest
    }

    /// Gives the body the lines of a file, those of a piece of it at a time, and returns the checksum of its bytes.
    @discardableResult
    private func read(_ file: BackupManifest.File, _ body: ([String]) throws -> Void) throws -> String {
        let bytes = try ImportBytes("\(directory)/\(file.name)", atMost: .max)
        var digest = try SHA256Stream()
        var begun: [UInt8] = []
        while true {
            let piece = try bytes.next()
            guard !piece.isEmpty else { break }
            try digest.add(piece)
            var lines: [String] = []
            for (number, part) in piece.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
                if number > 0 {
                    lines.append(String(decoding: begun, as: UTF8.self))
                    begun = []
                }
                begun += part
            }
            guard begun.count <= Self.longestLine else { throw Failure("\(directory)/\(file.name) has a line that no document has.") }
            try body(lines)
        }
        if !begun.isEmpty { try body([String(decoding: begun, as: UTF8.self)]) }
        return Hex.text(try digest.digest())
    }

    /// A document has 16 MiB at most, and Extended JSON needs a few times as many.
    private static let longestLine = 128 << 20

    private func bytes(_ name: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else {
            throw Failure("\(directory)/\(name) cannot be read.")
        }
        return Array(data)
    }
}
