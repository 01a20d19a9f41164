internal import Crypto
internal import JSON
internal import Metering

/// What a backup has: written last, and checked before anything is restored.
struct BackupManifest: Equatable, Sendable {
    struct File: Equatable, Sendable {
        let collection: String
        let documents: Int64
        /// Of the file's bytes, in hexadecimal.
        let sha256: String

        var name: String { collection + ".ndjson" }
    }

    static let name = "manifest.json"
    private static let format: Int64 = 2

    let program: String
    let schemaVersion: Int64
    /// Nil: all shops.
    let shop: ShopID?
    let madeAt: Timestamp
    let files: [File]

    /// Of all files.
    var documents: Int64 { files.map(\.documents).reduce(0, +) }

    /// The bytes of the file. A checksum of the rest is its last field, so that a change of the manifest itself is seen.
    func encoded() throws -> [UInt8] {
        var fields = fields
        fields["sha256"] = .string(try Self.checksum(of: fields))
        return JSON.object(fields).encoded
    }

    private var fields: JSON.Object {
        [
            "format": .integer(Self.format), "program": .string(program), "schema_version": .integer(schemaVersion),
            "shop_id": shop.map { .string($0.rawValue) } ?? .null, "made_at": .string(madeAt.rfc3339),
            "files": .array(
                files.map { ["collection": .string($0.collection), "documents": .integer($0.documents), "sha256": .string($0.sha256)] }),
        ]
    }

    private static func checksum(of fields: JSON.Object) throws -> String { Hex.text(try SHA256.hash(JSON.object(fields).encoded)) }

    init(program: String, schemaVersion: Int64, shop: ShopID?, madeAt: Timestamp, files: [File]) {
        (self.program, self.schemaVersion, self.shop, self.madeAt, self.files) = (program, schemaVersion, shop, madeAt, files)
    }

    /// Nil for what is no manifest of this format, as it was written.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), var rest = json.object else { return nil }
        rest["sha256"] = nil
        guard let sum = try? Self.checksum(of: rest), sum == json["sha256"]?.string, json["format"]?.integer == Self.format,
            let program = json["program"]?.string,
            let version = json["schema_version"]?.integer, let made = json["made_at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let files = json["files"]?.array
        else { return nil }
        let read = files.compactMap { file -> File? in
            guard let collection = file["collection"]?.string, let count = file["documents"]?.integer, let sum = file["sha256"]?.string
            else { return nil }
            return File(collection: collection, documents: count, sha256: sum)
        }
        guard read.count == files.count else { return nil }
        self.init(
            program: program, schemaVersion: version, shop: json["shop_id"]?.string.map { ShopID(stored: $0) }, madeAt: made, files: read)
    }
}
