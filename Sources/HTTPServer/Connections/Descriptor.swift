internal import CSystem
internal import Glibc

/// An open file descriptor with one owner, closed at the end of the owner's life.
struct Descriptor: ~Copyable {
    let raw: Int32

    init(owning raw: Int32) {
        self.raw = raw
    }

    deinit {
        _ = close(raw)
    }

    /// Makes `close` drop the unsent bytes and reset the connection, so that the peer notices (`SO_LINGER` of 0 seconds).
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Bytes in a socket's send buffer that the peer has not acknowledged; 0 when the kernel does not say.
    var unacknowledged: Int { max(Int(shopmeter_unacknowledged(raw)), 0) }

    func setNoDelay() {
        var on: Int32 = 1
        _ = unsafe setsockopt(raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// The result of a nonblocking read or write.
enum Transfer: Equatable {
    /// How many bytes were moved; a read of 0 bytes is the end of the peer's input.
    case bytes(Int)
    case wouldBlock
    case failed

    /// Makes the call, again as long as a signal interrupts it.
    init(_ call: () -> Int) {
        while true {
            let count = call()
            if count >= 0 {
                self = .bytes(count)
                return
            }
            if errno == EINTR { continue }
            self = errno == EAGAIN ? .wouldBlock : .failed
            return
        }
    }
}
