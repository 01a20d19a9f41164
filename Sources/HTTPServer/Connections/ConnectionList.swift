/// Connections in the order of their last use, the longest ago first. Adding and removing cost O(1). A connection is in one list at most.
struct ConnectionList {
    /// How many connections a search looks at.
    private static let searched = 64

    private var head: Connection?
    private var tail: Connection?

    mutating func append(_ connection: Connection) {
        connection.previous = tail
        tail?.next = connection
        if head == nil { head = connection }
        tail = connection
    }

    /// Takes out a connection that is in the list.
    mutating func remove(_ connection: Connection) {
        if let previous = connection.previous { previous.next = connection.next } else { head = connection.next }
        if let next = connection.next { next.previous = connection.previous } else { tail = connection.previous }
        connection.previous = nil
        connection.next = nil
    }

    /// The first connection that is wanted. Those passed over go to the end, so that the next search looks at others.
    mutating func first(where isWanted: (Connection) -> Bool) -> Connection? {
        for _ in 0..<Self.searched {
            guard let connection = head else { return nil }
            if isWanted(connection) { return connection }
            remove(connection)
            append(connection)
        }
        return nil
    }
}
