internal import Glibc

/// An open file, closed when its one owner goes.
struct Descriptor: ~Copyable {
    let raw: Int32

    init(owning raw: Int32) {
        self.raw = raw
    }

    deinit {
        _ = close(raw)
    }

    /// Makes closing drop what is unsent and tell the peer so, by a reset.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func setNoDelay() {
        var on: Int32 = 1
        _ = unsafe setsockopt(raw, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// What a nonblocking read or write came to.
enum Transfer: Equatable {
    /// Reading 0 bytes is the peer's end.
    case bytes(Int)
    case wouldBlock
    case failed

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
