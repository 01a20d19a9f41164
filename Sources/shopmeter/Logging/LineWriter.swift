internal import Dispatch
internal import Synchronization

/// Writes lines to a file descriptor from a queue of its own, each line with one write(2), so that the lines of several processes do not mix.
final class LineWriter: Sendable {
    private struct State {
        var waiting: [[UInt8]] = []
        /// Lines that were dropped since the last write.
        var lost = 0
        var isWriting = false
    }

    /// The most lines that wait for a slow reader.
    static let bound = 10_000

    private let descriptor: Int32
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "shopmeter.log")

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Queues a line, and adds its line feed. Never blocks: when `bound` lines wait, the line is dropped and counted.
    func append(_ line: [UInt8]) {
        let starts = state.withLock { state in
            guard state.waiting.count < Self.bound else {
                state.lost += 1
                return false
            }
            state.waiting.append(line + [0x0A])
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if starts { queue.async { [self] in write() } }
    }

    /// Blocks until all queued lines are written, at most one second.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + 1)
    }

    private func write() {
        while let lines = next() {
            // A log whose reader is gone must not stop the service.
            for line in lines { try? FileOutput.write(line, to: descriptor) }
        }
    }

    /// Takes all queued lines, with a note of how many were dropped; nil when there are none.
    private func next() -> [[UInt8]]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { (state.waiting, state.lost) = ([], 0) }
            let note = state.lost > 0 ? [Array("{\"level\":\"warning\",\"message\":\"\(state.lost) log lines were lost\"}\n".utf8)] : []
            return state.waiting + note
        }
    }
}
