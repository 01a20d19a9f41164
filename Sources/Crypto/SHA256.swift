internal import CSystem

/// SHA-256 (FIPS 180-4), by libcrypto.
package enum SHA256 {
    /// Bytes of a digest.
    package static let length = Int(SHOPMETER_SHA256_LENGTH)

    /// The digest of the bytes, 32 bytes.
    package static func hash(_ bytes: [UInt8]) throws(CryptoFailure) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: length)
        // Safe: both pointers live for the call, and the digest has the 32 bytes that the shim writes.
        let worked = unsafe shopmeter_sha256(bytes, bytes.count, &digest)
        guard worked == 1 else { throw CryptoFailure(operation: "SHA-256") }
        return digest
    }

    /// The digest of the text's UTF-8, 32 bytes.
    package static func hash(_ text: String) throws(CryptoFailure) -> [UInt8] {
        try hash(Array(text.utf8))
    }
}

/// SHA-256 of bytes that are added in pieces.
@safe package struct SHA256Stream: ~Copyable {
    /// An `EVP_MD_CTX`, freed with this value.
    private let context: UnsafeMutableRawPointer

    package init() throws(CryptoFailure) {
        guard let context = unsafe shopmeter_sha256_begin() else { throw CryptoFailure(operation: "SHA-256") }
        unsafe self.context = context
    }

    deinit {
        unsafe shopmeter_sha256_end(context)
    }

    package mutating func add(_ bytes: [UInt8]) throws(CryptoFailure) {
        // Safe: the pointer lives for the call and has `count` bytes.
        guard unsafe shopmeter_sha256_add(context, bytes, bytes.count) == 1 else { throw CryptoFailure(operation: "SHA-256") }
    }

    /// The digest of all bytes added, 32 bytes.
    package consuming func digest() throws(CryptoFailure) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: SHA256.length)
        // Safe: the digest has the 32 bytes that the shim writes.
        guard unsafe shopmeter_sha256_digest(context, &digest) == 1 else { throw CryptoFailure(operation: "SHA-256") }
        return digest
    }
}
