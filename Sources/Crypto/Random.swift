import CSystem

/// Bytes for keys and secrets, from libcrypto's generator (`RAND_bytes`); throws rather than give weak ones.
package func randomBytes(_ count: Int) throws(CryptoFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // Safe: the pointer lives for the call and has `count` bytes.
    let worked = unsafe shopmeter_random(&bytes, bytes.count)
    guard worked == 1 else { throw CryptoFailure(operation: "random bytes") }
    return bytes
}
