internal import Crypto
package import Metering
internal import Store

extension ShopMeter {
    /// The maximum of days before now, and of minutes after now, at which an event may have happened: clocks differ.
    package static let pastDays = 35
    package static let futureMinutes = 5

    /// The maximum of events in a batch.
    package static let maximumBatch = 1_000

    /// Records an event once for its id. Returns when the event is on disk.
    package func recordUsage(_ command: UsageCommand) async throws -> UsageAnswer {
        if let refusal = refusal(of: command, at: try await now(of: command.tenant)) {
            guard let first = try await recorded([command])[command.key] else { throw refusal }
            return try command.answer(recordedAs: first).get()
        }
        let answer = try await commits.perform(.record(command)).usage.get()
        note(answer, in: command.tenant)
        return answer
    }

    /// Records events, each once for its id. Returns their outcomes in order; an event that fails does not fail the others.
    package func recordUsage(_ commands: [UsageCommand]) async -> [UsageOutcome] {
        let refusals: [UsageOutcome?]
        do {
            let times = try await times(of: commands)
            let late = commands.map { refusal(of: $0, at: times[$0.tenant]) }
            let first = try await recorded(zip(commands, late).filter { $0.1 != nil }.map(\.0))
            refusals = zip(commands, late).map { command, refusal in
                refusal.map { refusal in first[command.key].map { command.answer(recordedAs: $0) } ?? .failure(refusal) }
            }
        } catch {
            return commands.map { _ in .failure(error as? ServiceError ?? .fault("\(error)")) }
        }
        let taken = zip(commands, refusals).filter { $0.1 == nil }.map(\.0)
        let recorded = await commits.perform(taken.map { .record($0) }).map(\.usage)
        for (outcome, command) in zip(recorded, taken) {
            if case .success(let answer) = outcome { note(answer, in: command.tenant) }
        }
        var next = recorded.makeIterator()
        return refusals.map { $0 ?? next.next() ?? .failure(.overloaded) }
    }

    /// Tells the operator of an event that took a rollover into debt.
    func note(_ answer: UsageAnswer, in tenant: Tenant) {
        if answer.entersDebt { enteredDebt(tenant.shop, answer.event) }
    }

    /// Those of the events that were recorded before: a retry gets its first answer, also when its time has left the window since.
    private func recorded(_ commands: [UsageCommand]) async throws -> [EventKey: RecordedEvent] {
        guard !commands.isEmpty else { return [:] }
        return try await read { try UsageEvents.find(commands.map(\.key), $0) }
    }

    /// Makes an id for an event whose client gave none: 128 random bits.
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
