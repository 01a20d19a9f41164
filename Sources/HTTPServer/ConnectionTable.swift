/// The open connections by their file number, which the kernel keeps small.
struct ConnectionTable {
    private var byFile: [Connection?] = []
    private(set) var count = 0
    private var lastSerial: UInt32 = 0

    /// Nil when the connection of that token is closed, whoever has its file number now.
    subscript(token: Token) -> Connection? {
        guard token.file >= 0, token.file < byFile.count, let connection = byFile[Int(token.file)], connection.token == token else {
            return nil
        }
        return connection
    }

    var all: [Connection] { byFile.compactMap { $0 } }

    /// Never 0, which is for what is not a connection.
    mutating func nextSerial() -> UInt32 {
        lastSerial = lastSerial == .max ? 1 : lastSerial + 1
        return lastSerial
    }

    mutating func insert(_ connection: Connection) {
        let index = Int(connection.token.file)
        while byFile.count <= index { byFile.append(nil) }
        byFile[index] = connection
        count += 1
    }

    mutating func remove(_ connection: Connection) {
        guard self[connection.token] != nil else { return }
        byFile[Int(connection.token.file)] = nil
        count -= 1
    }
}
