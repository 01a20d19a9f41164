internal import HTTP

/// The stream at the head of its connection's order.
extension Reactor {
    /// Moves what there is room for.
    /// - Returns: whether the stream is over, and its slot is to go.
    func continueStream(_ connection: Connection) -> Bool {
        guard var slot = connection.slots.first, case .streaming(var stream) = slot.answer else { return false }
        let framing = stream.framing ?? appendHead(of: stream.response, slot.exchange, connection)
        stream.framing = framing
        movePieces(of: &stream, framing, connection)
        if let isWhole = stream.isWhole, stream.pieces.isEmpty {
            endStream(isWhole, framing, slot.exchange, connection)
            return connection.closing != .closed
        }
        slot.answer = .streaming(stream)
        connection.slots.first = slot
        return false
    }

    private func movePieces(of stream: inout PendingResponse.Stream, _ framing: ResponseEncoder.Framing, _ connection: Connection) {
        var moved = 0
        var bytes = 0
        for piece in stream.pieces where connection.output.count < configuration.outputHighWater {
            append(to: connection) { out in
                if framing == .chunked { Chunk.append(piece, to: &out) } else { out.append(contentsOf: piece) }
            }
            moved += 1
            bytes += piece.count
        }
        stream.pieces.removeFirst(moved)
        if bytes > 0 { stream.writer.moved(bytes) }
    }

    /// A body that was broken off must look so: a chunked one lacks its last chunk, one that the connection's end delimits is reset.
    private func endStream(_ isWhole: Bool, _ framing: ResponseEncoder.Framing, _ exchange: ResponseContext, _ connection: Connection) {
        if isWhole, framing == .chunked { append(to: connection) { $0.append(contentsOf: Chunk.last) } }
        if !isWhole, framing == .untilClose {
            connection.descriptor.resetOnClose()
            return close(connection)
        }
        if !isWhole || framing == .untilClose || !exchange.keepsAlive {
            connection.closing = .afterOutput
            connection.takesRequests = false
            connection.slots.drop(after: 1)
        }
    }
}
