import Foundation
import Support
import Synchronization

/// What clients intended, noted before it is sent, and what they were told.
final class FaultJournal: Sendable {
    struct Event: Hashable {
        let user: String
        let id: String
    }

    private struct State {
        var intended: [Event: Int64] = [:]
        var told: Set<Event> = []
        var refusals = 0
        var bare = 0
        var isOver = false
    }

    private let state = Mutex(State())

    var intended: [Event: Int64] { state.withLock { $0.intended } }
    var told: Set<Event> { state.withLock { $0.told } }
    /// Events whose clients gave up.
    var unanswered: Int { state.withLock { $0.intended.count - $0.told.count } }
    /// Answers with 503.
    var refusals: Int { state.withLock { $0.refusals } }
    /// Those of them that said nothing of when to come again.
    var bare: Int { state.withLock { $0.bare } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func intend(_ event: Event, _ amount: Int64) { state.withLock { $0.intended[event] = amount } }
    func tell(_ event: Event) { state.withLock { _ = $0.told.insert(event) } }
    func end() { state.withLock { $0.isOver = true } }

    func refuse(saysWhen: Bool) {
        state.withLock { state in
            state.refusals += 1
            state.bare += saysWhen ? 0 : 1
        }
    }

    /// Returns when clients were told of so many events more.
    func waitForMore(_ count: Int) async throws {
        let start = told.count
        _ = try await poll { told.count >= start + count ? true : nil }
    }
}

/// Two instances on one database; one that ends is replaced.
final class FaultInstances: Sendable {
    private let servers: Mutex<[RunningServer]>
    private let settings: [[String: String]]
    let key: String

    init(uri: String, directory: String) async throws {
        settings = (0..<2).map {
            ["SHOPMETER_MONGODB_URI": uri, "SHOPMETER_DATA_DIR": "\(directory)/\($0)", "SHOPMETER_LOG_LEVEL": "error"]
        }
        let first = try await RunningServer.start(Self.listening(settings[0]))
        key = try await TestShop(on: first).key
        servers = Mutex([first, try await RunningServer.start(Self.listening(settings[1]))])
    }

    /// The line that says where it listens is of the level `info`.
    private static func listening(_ settings: [String: String]) -> [String: String] {
        settings.merging(["SHOPMETER_LOG_LEVEL": "info"]) { $1 }
    }

    func any(_ number: Int) throws -> ShopClient { try ShopClient(servers.withLock { $0[number % $0.count] }, token: key) }

    func replace(_ index: Int, by signal: Int32) async throws {
        await servers.withLock { $0[index] }.stop(signal)
        let next = try await RunningServer.start(Self.listening(settings[index]))
        servers.withLock { $0[index] = next }
    }

    func stop() async {
        for server in servers.withLock({ $0 }) { await server.stop() }
    }
}

/// Clients, each with users of its own, which send again with the same id what was not answered.
struct FaultLoad: Sendable {
    let instances: FaultInstances
    let journal: FaultJournal

    func run(clients: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<clients { group.addTask { try await client(number) } }
            try await group.waitForAll()
        }
    }

    private func client(_ number: Int) async throws {
        var (count, tries) = (0, number)
        var connection: ShopClient?
        while !journal.isOver {
            count += 1
            let event = FaultJournal.Event(user: "u\(number)", id: "\(number)-\(count)")
            let amount = Int64.random(in: 1...50)
            journal.intend(event, amount)
            let body = #"{"event_id":"\#(event.id)","user_id":"\#(event.user)","amount":\#(amount)}"#
            _ = try await poll(every: .milliseconds(50)) { () -> Bool? in
                if connection == nil {
                    tries += 1
                    connection = try? instances.any(tries)
                }
                guard let answer = try? await connection?.sendOnce("POST", "/v1/usage", body) else {
                    connection = nil
                    return nil
                }
                if answer.response["connection"] == "close" { connection = nil }
                if answer.status == 503 { journal.refuse(saysWhen: answer.response["retry-after"] != nil) }
                return answer.status == 200 || answer.status == 201 ? true : nil
            }
            journal.tell(event)
        }
    }
}
