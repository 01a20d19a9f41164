internal import HTTP

/// The streamed response that is first in its connection's queue.
extension Reactor {
    /// Moves pieces to the output as long as there is room.
    /// - Returns: whether the stream is over, and its response leaves the queue.
    func continueStream(_ connection: Connection) -> Bool {
        guard var response = connection.responses.first, case .streaming(var stream) = response.state else { return false }
        let framing = stream.framing ?? appendHead(of: stream.response, response.context, connection)
        stream.framing = framing
        movePieces(of: &stream, framing, connection)
        if let isWhole = stream.isWhole, stream.pieces.isEmpty {
            endStream(isWhole, framing, response.context, connection)
            return connection.closing != .closed
        }
        response.state = .streaming(stream)
        connection.responses.first = response
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

    /// Ends the body so that the client can tell an incomplete one: a chunked body lacks its last chunk, and the connection of a body that
    /// lasts until the close is reset.
    private func endStream(_ isWhole: Bool, _ framing: ResponseEncoder.Framing, _ context: ResponseContext, _ connection: Connection) {
        if isWhole, framing == .chunked { append(to: connection) { $0.append(contentsOf: Chunk.last) } }
        if !isWhole, framing == .untilClose {
            connection.descriptor.resetOnClose()
            return close(connection)
        }
        if !isWhole || framing == .untilClose || !context.keepsAlive {
            connection.closing = .afterOutput
            connection.takesRequests = false
            connection.responses.drop(after: 1)
        }
    }
}
