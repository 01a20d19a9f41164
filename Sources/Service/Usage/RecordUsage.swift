internal import Crypto
package import Metering
internal import Store

extension ShopMeter {
    /// How far back an event may have happened, in days, and how far ahead, in minutes: clocks differ.
    package static let pastDays = 35
    package static let futureMinutes = 5

    /// The most events of a batch.
    package static let maximumBatch = 1_000

    /// Records an event once for its id. Returns when it is on disk.
    package func recordUsage(_ command: UsageCommand) async throws -> UsageAnswer {
        if let refusal = refusal(of: command, at: try await now(of: command.tenant)) { throw refusal }
        return try await recorder.perform(.record(command)).usage.get()
    }

    /// The outcome of each, in order; a bad one fails none of the others.
    package func recordUsage(_ commands: [UsageCommand]) async -> [UsageOutcome] {
        let refusals: [ServiceError?]
        do {
            let times = try await times(of: commands)
            refusals = commands.map { refusal(of: $0, at: times[$0.tenant]) }
        } catch {
            return commands.map { _ in .failure(error as? ServiceError ?? .fault("\(error)")) }
        }
        let recorded = await recorder.perform(zip(commands, refusals).filter { $0.1 == nil }.map { .record($0.0) }).map(\.usage)
        var next = recorded.makeIterator()
        return refusals.map { refusal in refusal.map { .failure($0) } ?? next.next() ?? .failure(.overloaded) }
    }

    /// An id for an event whose client gave none: 128 random bits.
    package func newEventID() throws -> EventID { EventID(stored: "evt_" + (try newToken())) }

    func newToken() throws -> String { try Hex.text(randomBytes(16)) }

    private func times(of commands: [UsageCommand]) async throws -> [Tenant: Timestamp] {
        var times: [Tenant: Timestamp] = [:]
        for tenant in Set(commands.map(\.tenant)) { times[tenant] = try await now(of: tenant) }
        return times
    }

    private func refusal(of command: UsageCommand, at now: Timestamp?) -> ServiceError? {
        guard let now, let time = command.content.occurredAt, command.opensFrom == nil else { return nil }
        let earliest = now.adding(days: -Self.pastDays)
        let latest = now.adding(milliseconds: Int64(Self.futureMinutes) * 60_000)
        guard time < earliest || time > latest else { return nil }
        return .invalid(
            field: "occurred_at", expected: "expected a time at most \(Self.pastDays) days back and \(Self.futureMinutes) minutes ahead")
    }
}
