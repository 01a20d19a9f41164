internal import CSystem
internal import Foundation
internal import Glibc
internal import MongoServer

/// The bytes of a file to import, a piece at a time: as they are, or inflated where the file is gzip's.
final class ImportBytes {
    private static let pieceBytes = 64 * 1024

    private let path: String
    private let file: FileHandle
    /// Nil for a file that is not gzip's.
    private let inflater: Inflater?
    /// Bytes that were read and not given yet.
    private var waiting: [UInt8]
    private var isAtEnd = false
    /// How many more bytes are given at most.
    private var left: Int

    /// - Parameter limit: the most bytes to give, for a second walk over a log that may have grown meanwhile.
    init(_ path: String, atMost limit: Int) throws(Failure) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw Failure("\(path) cannot be opened: \(systemMessage(errno)).") }
        (self.path, self.file, left) = (path, file, limit)
        waiting = try Self.read(file, path)
        inflater = waiting.starts(with: [0x1F, 0x8B]) ? try Inflater(path) : nil
    }

    /// The next piece; empty after the last.
    func next() throws(Failure) -> [UInt8] {
        var piece = try nextPiece()
        if piece.count > left { piece.removeLast(piece.count - left) }
        left -= piece.count
        return piece
    }

    private func nextPiece() throws(Failure) -> [UInt8] {
        guard left > 0 else { return [] }
        guard let inflater else {
            if waiting.isEmpty { return try Self.read(file, path) }
            defer { waiting = [] }
            return waiting
        }
        while true {
            if waiting.isEmpty, !isAtEnd {
                waiting = try Self.read(file, path)
                isAtEnd = waiting.isEmpty
            }
            let made = try inflater.inflate(&waiting, isAtEnd: isAtEnd)
            if !made.isEmpty || isAtEnd { return made }
        }
    }

    private static func read(_ file: FileHandle, _ path: String) throws(Failure) -> [UInt8] {
        do { return Array(try file.read(upToCount: pieceBytes) ?? Data()) } catch {
            throw Failure("\(path) cannot be read: \(Failure.words(error))")
        }
    }
}

/// Inflates a gzip file, which may have several members one behind the other.
@safe private final class Inflater {
    private static let outBytes = 256 * 1024

    private let path: String
    private let context: UnsafeMutableRawPointer
    /// Whether a member has begun that has not ended.
    private var isInside = false

    init(_ path: String) throws(Failure) {
        guard let context = unsafe shopmeter_inflate_begin() else { throw Failure("There is no memory to read \(path).") }
        self.path = path
        unsafe self.context = context
    }

    deinit { unsafe shopmeter_inflate_end(context) }

    /// Takes bytes from the front of `input`, and returns what they become.
    func inflate(_ input: inout [UInt8], isAtEnd: Bool) throws(Failure) -> [UInt8] {
        guard !input.isEmpty || !isAtEnd else {
            if isInside { throw Failure("\(path) ends within its gzip data: it is not whole.") }
            return []
        }
        var output = [UInt8](repeating: 0, count: Self.outBytes)
        var (taken, made) = (input.count, output.count)
        // The counts keep both sides inside the arrays.
        let code = unsafe input.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer {
                unsafe shopmeter_inflate(context, source.baseAddress, &taken, $0.baseAddress, &made)
            }
        }
        guard code >= 0 else { throw Failure("\(path) has bytes that are no gzip data.") }
        isInside = code == 0
        input.removeFirst(taken)
        output.removeLast(output.count - made)
        return output
    }
}
