internal import CSystem
internal import Glibc

/// A listening socket, and one file in reserve for when there are no more.
struct Listener: ~Copyable {
    enum Accepted: ~Copyable {
        case connection(Descriptor)
        /// Nothing waits.
        case nobody
        /// The process or the system has no file left.
        case exhausted
    }

    let port: UInt16
    private let descriptor: Descriptor
    private var reserve: Descriptor?

    var file: Int32 { descriptor.raw }

    init(_ configuration: ServerConfiguration) throws(SystemError) {
        let address = try SocketAddress(host: configuration.host, port: configuration.port)
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let opened = Descriptor(owning: try SystemError.check("socket", socket(address.family, kind, 0)))
        var on: Int32 = 1
        _ = unsafe setsockopt(opened.raw, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        _ = try SystemError.check("bind", address.bind(opened.raw))
        _ = try SystemError.check("listen", listen(opened.raw, configuration.backlog))
        port = SocketAddress.port(of: opened.raw)
        descriptor = opened
        reserve = Self.openReserve()
    }

    func accept() -> Accepted {
        while true {
            let file = shopmeter_accept(descriptor.raw)
            if file >= 0 { return .connection(Descriptor(owning: file)) }
            switch errno {
            case EAGAIN: return .nobody
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            // EINTR, ECONNABORTED, and what accept(2) hands on from the network: the next one may be well.
            default: continue
            }
        }
    }

    /// Gives the reserve up to accept one waiting connection and close it, so that its client hears at once.
    mutating func shedOne() {
        reserve = nil
        let file = shopmeter_accept(descriptor.raw)
        if file >= 0 { _ = close(file) }
        reserve = Self.openReserve()
    }

    private static func openReserve() -> Descriptor? {
        let file = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        return file < 0 ? nil : Descriptor(owning: file)
    }
}
