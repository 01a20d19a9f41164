import CSystem

/// SHA-256 of bytes that come in pieces.
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

    /// The 32 bytes of the digest.
    package consuming func digest() throws(CryptoFailure) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: SHA256.length)
        // Safe: the digest has the 32 bytes that the shim writes.
        guard unsafe shopmeter_sha256_digest(context, &digest) == 1 else { throw CryptoFailure(operation: "SHA-256") }
        return digest
    }
}
