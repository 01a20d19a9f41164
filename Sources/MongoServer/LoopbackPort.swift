internal import Foundation
internal import Glibc

/// Chooses mongod's TCP port on 127.0.0.1: that of the last start, if it is free, as clients and the replica set's configuration name it.
struct LoopbackPort {
    private let file: String

    init(directory: String) {
        file = directory + "/mongod.port"
    }

    /// The remembered port if it is free, else any free port. Another process may take it before mongod listens.
    func choose() throws(EmbeddedServerError) -> UInt16 {
        if let remembered, remembered != 0, Self.bind(remembered) != nil { return remembered }
        guard let port = Self.bind(0) else { throw EmbeddedServerError(.directory, "there is no free port on 127.0.0.1") }
        return port
    }

    func remember(_ port: UInt16) throws(EmbeddedServerError) {
        do {
            try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw EmbeddedServerError(.directory, "\(file) cannot be written: \(fileErrorText(error))")
        }
    }

    private var remembered: UInt16? {
        SmallFile.number(in: file)
    }

    /// Binds the port (0: any free port) for a moment. Returns its number; nil when it is taken.
    private static func bind(_ port: UInt16) -> UInt16? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // A sockaddr_in is read and written through the sockaddr that the C interface asks for.
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        return isBound ? UInt16(bigEndian: address.sin_port) : nil
    }
}
