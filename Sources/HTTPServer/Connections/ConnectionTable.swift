/// The open connections: by their file number, which the kernel keeps small, by their client, and in the order in which they leave when
/// places run out.
struct ConnectionTable {
    private var byFile: [Connection?] = []
    private(set) var count = 0
    private var lastSerial: UInt32 = 0
    private var numbers: [ClientAddress: Int] = [:]
    private var strangerCount = 0
    /// How many of a client's connections are strangers'.
    private var strangerNumbers: [ClientAddress: Int] = [:]
    /// The connections on which no request with a valid credential was served yet.
    private var strangers = ConnectionList()
    private var known = ConnectionList()

    /// The connection of the token; nil when it is closed, even if a later connection has its file number.
    subscript(token: Token) -> Connection? {
        guard token.file >= 0, token.file < byFile.count, let connection = byFile[Int(token.file)], connection.token == token else {
            return nil
        }
        return connection
    }

    var all: [Connection] { byFile.compactMap { $0 } }

    /// How many of the client's connections are open; 0 for a client without an address.
    func count(of client: ClientAddress?) -> Int {
        client.flatMap { numbers[$0] } ?? 0
    }

    /// A serial for the next connection. It is never 0, the serial of the listener and the mailbox.
    mutating func nextSerial() -> UInt32 {
        lastSerial = lastSerial == .max ? 1 : lastSerial + 1
        return lastSerial
    }

    mutating func insert(_ connection: Connection) {
        let index = Int(connection.token.file)
        while byFile.count <= index { byFile.append(nil) }
        byFile[index] = connection
        count += 1
        if let client = connection.client { numbers[client, default: 0] += 1 }
        enterList(connection)
    }

    mutating func remove(_ connection: Connection) {
        guard self[connection.token] != nil else { return }
        byFile[Int(connection.token.file)] = nil
        count -= 1
        if let client = connection.client { Self.lower(&numbers[client]) }
        leaveList(connection)
    }
}

/// Who goes first when places run out.
extension ConnectionTable {
    /// Makes the connection the last to go of its kind, after a use of it. A connection on which a credential was valid is known from then on.
    mutating func renew(_ connection: Connection, isKnown: Bool) {
        guard self[connection.token] != nil else { return }
        leaveList(connection)
        connection.isKnown = connection.isKnown || isKnown
        enterList(connection)
    }

    /// A connection that may be closed to make a place, of the client if one is named: of a stranger who waits for no answer; where no stranger
    /// has a place, one that was answered before `time` and is idle since. Of several, it is one that was used the longest ago; nil when there is
    /// none among the first of the order.
    mutating func replaceable(idleSince time: UInt64, of client: ClientAddress? = nil) -> Connection? {
        let isWanted = { (connection: Connection) in client == nil || connection.client == client }
        if (client.map { strangerNumbers[$0] ?? 0 } ?? strangerCount) > 0 {
            return strangers.first { !$0.responses.isAtWork && isWanted($0) }
        }
        return known.first { $0.isIdle && $0.lastUsed <= time && isWanted($0) }
    }

    private mutating func enterList(_ connection: Connection) {
        guard !connection.isKnown else { return known.append(connection) }
        strangers.append(connection)
        strangerCount += 1
        if let client = connection.client { strangerNumbers[client, default: 0] += 1 }
    }

    private mutating func leaveList(_ connection: Connection) {
        guard !connection.isKnown else { return known.remove(connection) }
        strangers.remove(connection)
        strangerCount -= 1
        if let client = connection.client { Self.lower(&strangerNumbers[client]) }
    }

    /// A count of 0 is left out.
    private static func lower(_ count: inout Int?) { count = count.flatMap { $0 > 1 ? $0 - 1 : nil } }
}
