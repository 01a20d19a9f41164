internal import Foundation
internal import Glibc

/// What the commands say to whoever called them.
enum Console {
    static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    static func complain(_ text: String) { write("shopmeter: \(text)\n", to: STDERR_FILENO) }

    static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Replaces the line on the terminal; nothing where there is none.
    static func showProgress(_ line: String) {
        if hasTerminal { write("\r\u{1B}[K\(line)", to: STDERR_FILENO) }
    }

    static func write(_ text: String, to descriptor: Int32) {
        // A console that is gone has nobody to tell.
        try? OutputStream.write(Array(text.utf8), to: descriptor)
    }
}

enum OutputStream {
    struct WriteError: Error, CustomStringConvertible {
        let code: Int32
        var isBrokenPipe: Bool { code == EPIPE }
        var description: String { unsafe String(cString: strerror(code)) }
    }

    /// Writes all of it, with as few calls as the kernel needs.
    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(WriteError) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...].withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { start += count } else if errno != EINTR { throw WriteError(code: errno) }
        }
    }
}
