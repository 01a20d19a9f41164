import Crypto
package import JSON

/// Where a page of a list ends: the key of its last item, opaque to clients, so that items may come and go before it.
///
/// Its text is a checksum of the list's name and the key, then the key's JSON, in base 64: a text that was changed, cut or made for
/// another list is noticed. A cursor is no secret and gives no right: the handler reads only what its caller may see, whatever the key.
package struct Cursor: Sendable {
    /// In characters: room for a key of 256 control characters, each `\u00XX` in JSON.
    package static let maximumLength = 3072
    /// In bytes.
    private static let checksumLength = 6

    let list: String
    package let key: [JSON]

    package init(list: String, key: [JSON]) {
        self.list = list
        self.key = key
    }

    /// The cursor as clients keep it. Throws when libcrypto fails.
    package var text: String {
        get throws {
            let content = JSON.array(key).encoded
            return Base64URL.text(try Self.checksum(list, content) + content)
        }
    }

    /// Nil when the text is not a cursor of the list. Throws when libcrypto fails.
    init?(text: String, list: String) throws {
        guard let bytes = Base64URL.bytes(text), bytes.count > Self.checksumLength else { return nil }
        let content = Array(bytes[Self.checksumLength...])
        guard try Self.checksum(list, content).elementsEqual(bytes.prefix(Self.checksumLength)),
            let key = (try? JSON(parsing: content))?.array
        else { return nil }
        self.init(list: list, key: key)
    }

    /// Whether the key has one value for each schema.
    func fits(_ schemas: [Schema]) -> Bool {
        key.count == schemas.count && zip(key, schemas).allSatisfy { $1.validate($0).isEmpty }
    }

    private static func checksum(_ list: String, _ content: [UInt8]) throws -> ArraySlice<UInt8> {
        try SHA256.hash(Array(list.utf8) + [0] + content).prefix(checksumLength)
    }
}
