internal import CSystem

/// HMAC with SHA-256 (RFC 2104), by libcrypto.
package enum HMACSHA256 {
    /// The tag of the message, 32 bytes.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) throws(CryptoFailure) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: SHA256.length)
        // Safe: the pointers live for the call, and the tag has the 32 bytes that the shim writes.
        let worked = unsafe shopmeter_hmac_sha256(key, key.count, message, message.count, &tag)
        guard worked == 1 else { throw CryptoFailure(operation: "HMAC-SHA-256") }
        return tag
    }

    /// Whether `tag` is the tag of the message, compared in constant time.
    package static func isValid(_ tag: [UInt8], of message: [UInt8], key: [UInt8]) throws(CryptoFailure) -> Bool {
        constantTimeEqual(tag, try authenticate(message, key: key))
    }
}

/// Compares two secrets in a time that depends on their lengths alone (`CRYPTO_memcmp`).
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    // Safe: both pointers live for the call and have `count` bytes.
    return unsafe shopmeter_equal(left, right, left.count) == 1
}

/// Random bytes for a key or a secret, from libcrypto's generator (`RAND_bytes`). Throws rather than return weak ones.
package func randomBytes(_ count: Int) throws(CryptoFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // Safe: the pointer lives for the call and has `count` bytes.
    let worked = unsafe shopmeter_random(&bytes, bytes.count)
    guard worked == 1 else { throw CryptoFailure(operation: "random bytes") }
    return bytes
}

/// A failure of libcrypto: it has no memory or no entropy, or its policy forbids the algorithm.
package struct CryptoFailure: Error, Equatable {
    package let operation: String
}
