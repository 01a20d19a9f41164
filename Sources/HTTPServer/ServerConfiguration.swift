package import HTTP

/// Where a server listens, and every bound it keeps.
package struct ServerConfiguration: Sendable {
    package struct Deadlines: Sendable {
        /// From the first byte of a request to the end of its header section.
        package var header = Duration.seconds(10)
        /// From the end of the header section to the end of the body.
        package var body = Duration.seconds(30)
        /// Without a request, before and between requests.
        package var idle = Duration.seconds(60)
        /// Without a byte taken by the client while there is something to send.
        package var writeStall = Duration.seconds(30)
        /// For the client to close its side after the server closed its own.
        package var linger = Duration.seconds(2)
        /// For the work in flight when the server stops.
        package var drain = Duration.seconds(8)
    }

    /// A name or an address.
    package var host = "127.0.0.1"
    /// 0 is any free port.
    package var port: UInt16 = 0
    /// Connections that the kernel keeps for the server until it accepts them.
    package var backlog: Int32 = 1024
    /// Over it, new connections wait in the backlog.
    package var maxConnections = 20_000
    /// Requests with the handler; over it, the answer is 503 at once.
    package var maxInFlight = 4096
    /// Unanswered requests of one connection; at it, the connection is not read.
    package var maxPipelined = 32
    /// Bytes waiting to be sent on one connection; at it, the connection is not read and its stream waits.
    package var outputHighWater = 64 * 1024
    /// Bytes of requests and answers kept for all connections; over it, bodies that are on their way are refused with 503.
    package var maxBufferedBytes = 256 * 1024 * 1024
    package var limits = HTTP.Limits()
    package var deadlines = Deadlines()

    package init() {}
}
