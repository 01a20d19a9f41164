import Crypto
package import JSON

/// A place in a list: the key of an item, opaque to clients, so that items may come and go before it.
///
/// As text it is the key's JSON after a checksum with the list's name, in base 64: one that was changed, cut or made for another
/// list is noticed. It is no secret and gives no right: a tenant's filter stands whatever it says.
package struct Cursor: Sendable {
    /// Room for a label's value of 256 control characters, each `\u00XX` in JSON.
    static let longest = 3072
    private static let checksumLength = 6

    let list: String
    package let key: [JSON]

    package init(list: String, key: [JSON]) {
        self.list = list
        self.key = key
    }

    var text: String {
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
