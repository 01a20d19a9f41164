internal import Glibc

/// Bytes on their way to the client.
struct OutputBuffer {
    var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    /// One `send(2)` of all there is.
    mutating func send(to file: Int32) -> Transfer {
        let result = Transfer {
            unsafe bytes[start...].withUnsafeBytes { unsafe Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
        if case .bytes(let sent) = result { start += sent }
        return result
    }

    /// Moves what is left to the front when what was sent is the larger part, so that the storage stays bounded at O(1) a byte.
    mutating func compact() {
        guard start > count else { return }
        bytes.removeSubrange(..<start)
        start = 0
    }
}
