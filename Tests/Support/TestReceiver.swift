internal import Foundation
internal import Glibc
internal import Synchronization

/// A server on a loopback port that takes one request on each connection, on a thread of its own, and answers what `answer` says.
package final class TestReceiver: Sendable {
    package struct Message: Equatable, Sendable {
        package let target: String
        /// By their names in lower case.
        package let headers: [String: String]
        package let body: String
    }

    package enum Answer: Sendable {
        /// A status, with the header `location` where there is one.
        case status(Int, body: String = "", location: String? = nil)
        /// Exactly these bytes.
        case bytes(String)
        /// Nothing, until the client goes.
        case nothing
    }

    package let port: UInt16
    private let listener: Int32
    private let answer: @Sendable (Message) -> Answer
    private let taken = Mutex<[Message]>([])

    package init(_ answer: @escaping @Sendable (Message) -> Answer = { _ in .status(200) }) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.answer = answer
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let file = listener
        let result = unsafe withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
            guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            guard unsafe bind(file, base, length) == 0, listen(file, 256) == 0 else { return -1 }
            return unsafe getsockname(file, base, &length)
        }
        guard result == 0 else { throw RawClient.Failure.cannotConnect(errno: errno) }
        port = UInt16(bigEndian: address.sin_port)
        Thread { [self] in accept() }.start()
    }

    package func stop() { _ = shutdown(listener, Int32(SHUT_RDWR)) }

    /// What came, in the order in which it was answered.
    package var messages: [Message] { taken.withLock { $0 } }

    private func accept() {
        while true {
            let file = Glibc.accept(listener, nil, nil)
            guard file >= 0 else { break }
            Thread { [self] in
                serve(file)
                _ = close(file)
            }.start()
        }
        _ = close(listener)
    }

    private func serve(_ file: Int32) {
        guard let message = read(file) else { return }
        let answer = answer(message)
        taken.withLock { $0.append(message) }
        switch answer {
        case .status(let status, let body, let location):
            let header = location.map { "location: \($0)\r\n" } ?? ""
            write("HTTP/1.1 \(status) Status\r\n\(header)content-length: \(body.utf8.count)\r\n\r\n\(body)", to: file)
        case .bytes(let text): write(text, to: file)
        case .nothing:
            var byte: UInt8 = 0
            while unsafe recv(file, &byte, 1, 0) > 0 {}
        }
    }

    private func read(_ file: Int32) -> Message? {
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while true {
            let count = unsafe recv(file, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let lines = parts[0].split(separator: "\r\n")
            let fields = lines.dropFirst().compactMap { line -> (String, String)? in
                let halves = line.split(separator: ":", maxSplits: 1)
                return halves.count == 2 ? (halves[0].lowercased(), String(halves[1].dropFirst())) : nil
            }
            let headers = Dictionary(fields, uniquingKeysWith: { first, _ in first })
            guard parts[1].utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 else { continue }
            let target = lines[0].split(separator: " ").dropFirst().first
            return Message(target: String(target ?? ""), headers: headers, body: String(parts[1]))
        }
    }

    private func write(_ text: String, to file: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let sent = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return }
            bytes = bytes.dropFirst(sent)
        }
    }
}
