internal import Glibc

/// Why a server could not start, in a sentence with the address that it should have listened on.
package enum StartError: Error, Equatable, CustomStringConvertible {
    case addressInUse(host: String, port: UInt16)
    case notPermitted(host: String, port: UInt16)
    case noSuchAddress(host: String, port: UInt16)
    case alreadyStarted
    /// The process may have too few files open.
    case tooFewFiles(limit: Int, needed: Int)
    /// The C function that failed, and its `errno`.
    case system(host: String, port: UInt16, call: String, code: Int32)

    package var description: String {
        switch self {
        case .addressInUse(let host, let port): "Cannot listen on \(host):\(port): the port is in use."
        case .notPermitted(let host, let port): "Cannot listen on \(host):\(port): this user may not use the port."
        case .noSuchAddress(let host, let port): "Cannot listen on \(host):\(port): this machine has no such address."
        case .alreadyStarted: "The server was started already."
        case .tooFewFiles(let limit, let needed):
            "This process may have \(limit) files open, and needs \(needed) at least: raise the hard limit with `ulimit -n`, or "
                + "LimitNOFILE in a systemd unit."
        case .system(let host, let port, let call, let code): "Cannot listen on \(host):\(port): \(call) failed with errno \(code)."
        }
    }

    init(_ configuration: ServerConfiguration, _ error: SystemError) {
        let (host, port) = (configuration.host, configuration.port)
        switch error.code {
        case EADDRINUSE: self = .addressInUse(host: host, port: port)
        case EACCES, EPERM: self = .notPermitted(host: host, port: port)
        case EADDRNOTAVAIL: self = .noSuchAddress(host: host, port: port)
        default: self = .system(host: host, port: port, call: error.call, code: error.code)
        }
    }
}

/// A C function that failed, with its `errno`.
struct SystemError: Error {
    let call: String
    let code: Int32

    init(_ call: String, _ code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    /// Returns the result of the C function `call`; throws its `errno` when the result is negative.
    static func check(_ call: String, _ result: Int32) throws(SystemError) -> Int32 {
        if result < 0 { throw SystemError(call) }
        return result
    }
}
