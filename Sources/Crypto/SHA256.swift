import CSystem

/// SHA-256 (FIPS 180-4), by libcrypto.
package enum SHA256 {
    package static let length = Int(SHOPMETER_SHA256_LENGTH)

    /// The 32 bytes of the digest.
    package static func hash(_ bytes: [UInt8]) throws(CryptoFailure) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: length)
        // Safe: both pointers live for the call, and the digest has the 32 bytes that the shim writes.
        let worked = unsafe shopmeter_sha256(bytes, bytes.count, &digest)
        guard worked == 1 else { throw CryptoFailure(operation: "SHA-256") }
        return digest
    }

    /// The digest of the text's UTF-8.
    package static func hash(_ text: String) throws(CryptoFailure) -> [UInt8] {
        try hash(Array(text.utf8))
    }
}

/// libcrypto refused: it is out of memory, has no entropy, or its policy forbids the algorithm.
package struct CryptoFailure: Error, Equatable {
    package let operation: String
}
