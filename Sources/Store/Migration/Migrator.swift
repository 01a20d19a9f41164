internal import BSON
internal import Dispatch
internal import Foundation
internal import Mongo

/// Brings a database to this program's version of the schema, step by step. Each step that is done is noted in the database, so that whoever was
/// interrupted goes on where it was. A lease keeps other instances from doing the same work meanwhile; they wait until it is done.
struct Migrator {
    let database: Database
    var steps = Migration.all
    /// Told what is done, waited for or tried again.
    var log: @Sendable (String) -> Void = { _ in }
    /// Asked between two steps, and while it waits.
    var isStopped: @Sendable () -> Bool = { false }

    /// How long a step is tried again while the database fails or a majority of its members is away.
    static let patience = Duration.seconds(120)
    private static let pause = Duration.milliseconds(250)

    private var latest: Int64 { Int64(steps.count) }

    /// Returns when the database has the latest version. Blocks. Throws `SchemaError` for a newer one, `CancellationError` when it is stopped.
    func run() throws {
        let owner = "migration \(UInt64.random(in: 0 ... .max))"
        var isWaiting = false
        while let version = try pending() {
            guard !isStopped() else { throw CancellationError() }
            if let lease = try lease(owner) {
                try holding(lease) { try apply(after: version) }
            } else {
                if !isWaiting { log("another instance brings the schema to version \(latest); waiting for it") }
                isWaiting = true
                Thread.sleep(forTimeInterval: Self.pause / .seconds(1))
            }
        }
    }

    /// The version of a database that is not at the latest; nil when there is nothing to do.
    private func pending() throws -> Int64? {
        let version = try database.withConnection { try SchemaVersion.find($0) }
        if let error = SchemaError(version, known: latest, of: database.name), error.kind == .newer { throw error }
        return version == latest ? nil : version ?? 0
    }

    /// Does and notes the steps after a version. Ends early when another instance notes one first.
    private func apply(after version: Int64) throws {
        for step in steps where step.version > version {
            guard !isStopped() else { throw CancellationError() }
            let begun = ContinuousClock.now
            try repeating(step) { try step.run($0) }
            guard try repeating(step, { try SchemaVersion.note(step, $0) }) else { return }
            log("schema version \(step.version): \(step.name), done in \(Int((ContinuousClock.now - begun) / .milliseconds(1))) ms")
        }
    }

    /// Runs the body; again, after a pause, when the error may pass, for as long as `patience`.
    private func repeating<R>(_ step: Migration, _ body: (Writing) throws -> R) throws -> R {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do { return try database.withConnection(body) } catch let error as MongoError where error.isTemporary {
                guard .now < deadline else { throw error }
                guard !isStopped() else { throw CancellationError() }
                log("schema version \(step.version): \(step.name) failed and is tried again: \(error)")
                Thread.sleep(forTimeInterval: Self.pause / .seconds(1))
            }
        }
    }
}

/// The lease of the migration. It ends by itself soon after its owner was killed, and is renewed while a step of minutes is at work.
extension Migrator {
    private static let term: Int64 = 15
    /// Between two renewals.
    private static let renewal = DispatchTimeInterval.seconds(5)

    private func lease(_ owner: String) throws -> Leases.Lease? {
        try database.withConnection { try Leases.acquire("schema", owner: owner, seconds: Self.term, $0) }
    }

    private func holding(_ lease: Leases.Lease, _ body: () throws -> Void) throws {
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "shopmeter.migration"))
        timer.schedule(deadline: .now() + Self.renewal, repeating: Self.renewal)
        timer.setEventHandler { [database, log] in
            log("the schema is still being brought to a new version")
            // A lease that is lost costs double work and nothing else: a step is idempotent, and noted once.
            _ = try? database.withConnection { try Leases.renew(lease, seconds: Self.term, $0) }
        }
        timer.activate()
        defer {
            timer.cancel()
            try? database.withConnection { try Leases.release(lease, $0) }
        }
        try body()
    }
}
