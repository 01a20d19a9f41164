import Glibc
import Support
import Testing

@testable import HTTPServer

struct ListenerTests {
    @Test func `The kernel keeps as many bytes for a connection as it is asked to, and no more`() throws {
        let listener = try Listener(.with { $0.sendBuffer = 20_000 })
        let client = try RawClient(port: listener.port)
        switch listener.accept() {
        case .connection(let newcomer):
            // Twice the value, as the kernel counts its own records too (socket(7)).
            #expect(sendBuffer(of: newcomer.descriptor.raw) == 40_000)
            #expect(newcomer.client?.text == "127.0.0.1")
        case .nobody: Issue.record("nobody came")
        case .failed: Issue.record("it failed")
        }
        withExtendedLifetime(client) {}
    }

    private func sendBuffer(of file: Int32) -> Int32 {
        var (size, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        _ = unsafe getsockopt(file, SOL_SOCKET, SO_SNDBUF, &size, &length)
        return size
    }
}
