internal import Metering
internal import Service
internal import Store

/// Rows that are recorded together, and what became of them.
struct ImportBatch: Sendable {
    /// How often what the database did not take is tried again, with a second between.
    static let attempts = 30

    /// Makes events of rows: the same ones for the same file.
    struct Maker: Sendable {
        let tenant: Tenant
        let meter: Meter
        let rule: TimeRule
        /// SHA-256 in hexadecimal.
        let file: String

        func batch(of rows: [ImportRow]) -> ImportBatch { ImportBatch(rows: rows, commands: rows.map(command)) }

        private func command(_ row: ImportRow) -> UsageCommand {
            UsageCommand(
                tenant: tenant, user: row.user, event: EventID(stored: "imp-\(file.prefix(16))-\(row.number)"),
                content: UsageContent(meter: meter, amount: row.amount, occurredAt: rule(row.time)), opensFrom: rule.earliest)
        }
    }

    let rows: [ImportRow]
    let commands: [UsageCommand]
    private var outcomes: [Int: UsageOutcome] = [:]

    init(rows: [ImportRow], commands: [UsageCommand]) {
        self.rows = rows
        self.commands = commands
    }

    /// Throws when the database stays away.
    func recorded(by service: ShopMeter) async throws -> ImportBatch {
        var batch = self
        for attempt in 0..<Self.attempts {
            let open = commands.indices.filter { batch.outcomes[$0] == nil }
            if open.isEmpty { return batch }
            if attempt > 0 { try await Task.sleep(for: .seconds(1)) }
            let outcomes = await service.recordUsage(open.map { commands[$0] })
            for (index, outcome) in zip(open, outcomes) where !outcome.isTemporary { batch.outcomes[index] = outcome }
        }
        throw Failure("The database did not take the rows. What was recorded stays; the same command again goes on from there.")
    }

    func count(into summary: inout ImportSummary) {
        for (index, row) in rows.enumerated() {
            switch outcomes[index] {
            case .success(let answer): summary.add(isDuplicate: answer.isDuplicate, amount: row.amount)
            case .failure(let error): summary.reject(line: row.line, reason: Failure(error).description)
            case nil: summary.reject(line: row.line, reason: "It was not tried.")
            }
        }
    }
}

extension UsageOutcome {
    fileprivate var isTemporary: Bool {
        switch self {
        case .failure(.overloaded), .failure(.databaseUnavailable): true
        default: false
        }
    }
}
