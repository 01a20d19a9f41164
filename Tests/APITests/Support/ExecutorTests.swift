import HTTP
import Service
import Testing
import Web

@testable import API

/// Where requests run.
struct ExecutorTests {
    private final class Connection: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) {}
    }

    @Test func `A brief request runs on its connection's thread, one with a large body where nobody waits for it, and any other elsewhere`()
    {
        let thread = Connection()
        func isOn(_ wanted: (any TaskExecutor)?, _ route: Route, bytes: Int) -> Bool {
            let request = Request(method: route.method, path: [], body: [UInt8](repeating: 0, count: bytes))
            return route.executor(for: request, on: thread) === wanted
        }
        let brief = Route(.get, "/a", id: "a", "A", tag: "t", access: .open, answers: [.empty(204, "Nothing")], isBrief: true) { _ in .empty
        }
        let other = Route(.get, "/b", id: "b", "B", tag: "t", access: .open, answers: [.empty(204, "Nothing")]) { _ in .empty }
        #expect(isOn(thread, brief, bytes: 16_384) && isOn(OwnThread.largeBodies, brief, bytes: 16_385))
        #expect(isOn(nil, other, bytes: 16_384) && isOn(OwnThread.largeBodies, other, bytes: 16_385))
    }
}
