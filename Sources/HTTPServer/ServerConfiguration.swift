package import HTTP

/// The address that a server listens on, and all of its bounds.
package struct ServerConfiguration: Sendable {
    package struct Deadlines: Sendable {
        /// From the first byte of a request to the end of its header section.
        package var header = Duration.seconds(10)
        /// From the end of the header section to the end of the body.
        package var body = Duration.seconds(30)
        /// Without a byte of a request, before the first and between two.
        package var idle = Duration.seconds(60)
        /// Over which the rate is measured at which a client takes bytes.
        package var writeStall = Duration.seconds(30)
        /// From an answer to when the idle connection of a known caller may have to make place for a newcomer.
        package var keep = Duration.seconds(5)
        /// From the end of a handler's patience to the server's own answer.
        package var grace = Duration.milliseconds(400)
        /// From the server's end of sending to the client's.
        package var linger = Duration.seconds(2)
        /// For the requests in flight when the server stops.
        package var drain = Duration.seconds(8)
    }

    /// A host name or an IP address.
    package var host = "127.0.0.1"
    /// 0 takes any free port.
    package var port: UInt16 = 0
    /// Connections that the kernel keeps for the server until it accepts them.
    package var backlog: Int32 = 1024
    /// Open connections; at this number, a new one takes the place of a connection that may go, or waits in the backlog.
    package var maxConnections = 20_000
    /// Open connections of one client's address; nil is three quarters of `maxConnections`, so that a reverse proxy can have most of them. At
    /// this number, a new one takes the place of one of the same client that may go, or is closed.
    package var maxConnectionsPerAddress: Int?
    /// Requests that the handler has not answered; at this number, the next request gets 503 at once.
    package var maxInFlight = 4096
    /// Unanswered requests of one connection; at this number, the connection is not read.
    package var maxPipelined = 32
    /// Bytes a second that a client must take while bytes are unsent, as a mean over `writeStall`; below, its connection is cut.
    package var leastRate = 1024
    /// Bytes that the kernel is asked to keep for one connection until the client has taken them (`SO_SNDBUF`).
    package var sendBuffer: Int32 = 128 * 1024
    /// Unsent bytes of one connection; at this number, the connection is not read and its stream waits.
    package var outputHighWater = 64 * 1024
    /// Bytes of requests and responses kept for all connections; over this number, a request whose body is still arriving gets 503.
    package var maxBufferedBytes = 256 * 1024 * 1024
    package var limits = Limits()
    package var deadlines = Deadlines()

    package init() {}

    /// The most connections of one client.
    package var connectionsOfOneClient: Int { maxConnectionsPerAddress ?? (maxConnections * 3 + 3) / 4 }
}
