internal import CSystem
internal import Glibc

/// An epoll set (`epoll(7)`), level-triggered.
struct Epoll: ~Copyable {
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let input = Interest(rawValue: EPOLLIN.rawValue)
        static let output = Interest(rawValue: EPOLLOUT.rawValue)
        /// The connection is broken, or shut in both directions. The kernel reports it even without interest in it.
        static let broken = Interest(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    private let descriptor: Descriptor
    private var ready = [shopmeter_event](repeating: shopmeter_event(), count: Int(SHOPMETER_EVENTS))

    init() throws(SystemError) {
        descriptor = Descriptor(owning: try SystemError.check("epoll_create1", shopmeter_epoll_create()))
    }

    func add(_ file: Int32, _ interest: Interest, _ token: Token) throws(SystemError) {
        _ = try SystemError.check("epoll_ctl", control(EPOLL_CTL_ADD, file, interest, token))
    }

    /// Takes out a file that is in the set.
    func remove(_ file: Int32) {
        _ = control(EPOLL_CTL_DEL, file, [], Token(file: file, serial: 0))
    }

    /// Changes the interest in a file that is in the set, which cannot fail.
    func change(_ file: Int32, _ interest: Interest, _ token: Token) {
        _ = control(EPOLL_CTL_MOD, file, interest, token)
    }

    /// Waits for events.
    /// - Parameter milliseconds: the maximum time; -1 is without end.
    /// - Returns: no event when the time is over or a signal came.
    mutating func wait(milliseconds: Int32) -> ArraySlice<shopmeter_event> {
        // The shim writes SHOPMETER_EVENTS at most, which is the array's count.
        let count = unsafe shopmeter_epoll_wait(descriptor.raw, &ready, milliseconds)
        return ready.prefix(Int(max(count, 0)))
    }

    private func control(_ operation: Int32, _ file: Int32, _ interest: Interest, _ token: Token) -> Int32 {
        shopmeter_epoll_control(descriptor.raw, operation, file, interest.rawValue, token.packed)
    }
}

/// The name of a file in the epoll set. The serial distinguishes it from an earlier file with the same number.
struct Token: Hashable, Sendable {
    let file: Int32
    let serial: UInt32

    init(file: Int32, serial: UInt32) {
        self.file = file
        self.serial = serial
    }

    init(packed: UInt64) {
        file = Int32(truncatingIfNeeded: packed)
        serial = UInt32(packed >> 32)
    }

    var packed: UInt64 { UInt64(serial) << 32 | UInt64(UInt32(bitPattern: file)) }
}
