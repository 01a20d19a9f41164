internal import Metering
internal import Service
internal import Store

/// Records rows in batches, several at once. Memory holds the rows of these batches and of one piece of the file, however large the file is.
struct ImportPipeline {
    typealias Group = ThrowingTaskGroup<ImportBatch, any Error>

    /// The most batches under way at once.
    static let bound = 4

    private let service: ShopMeter
    private let maker: ImportBatch.Maker?
    /// Rows of batches that are not full yet.
    private var waiting: [ImportRow] = []
    /// Batches under way.
    private var running = 0
    private(set) var summary = ImportSummary()

    init(service: ShopMeter, maker: ImportBatch.Maker?) {
        self.service = service
        self.maker = maker
    }

    /// Adds a row to the next batch; a bad row goes to the summary's rejected ones.
    mutating func take(_ row: CSVReader.Row, _ columns: ImportColumns) {
        do {
            waiting.append(try columns.row(row))
        } catch {
            summary.reject(line: row.line, reason: error.reason)
        }
    }

    /// Starts every full batch, and waits for another to end while `bound` of them are under way.
    mutating func start(in group: inout Group) async throws {
        while waiting.count >= ShopMeter.maximumBatch { try await startOne(in: &group) }
    }

    /// Starts the last batch, which may not be full, waits for all, and returns what became of the rows.
    mutating func finish(_ group: inout Group) async throws -> ImportSummary {
        while !waiting.isEmpty { try await startOne(in: &group) }
        for try await done in group { done.count(into: &summary) }
        return summary
    }

    private mutating func startOne(in group: inout Group) async throws {
        guard let maker else { return }
        if running == Self.bound, let done = try await group.next() {
            done.count(into: &summary)
            running -= 1
        }
        let batch = maker.batch(of: Array(waiting.prefix(ShopMeter.maximumBatch)))
        waiting.removeFirst(batch.rows.count)
        running += 1
        group.addTask { [service] in try await batch.recorded(by: service) }
    }
}

/// Rows that are recorded in one call, and what became of each.
struct ImportBatch: Sendable {
    /// How often rows that the database did not take are tried, with a second between.
    static let attempts = 30

    /// Makes events of rows. The same file always becomes the same events, ids included, so that a repeated import records nothing twice.
    struct Maker: Sendable {
        let tenant: Tenant
        let meter: Meter
        let rule: TimeRule
        /// The file's SHA-256 in hexadecimal.
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
    /// By the row's index; a row that is not there is still to be recorded.
    private var outcomes: [Int: UsageOutcome] = [:]

    init(rows: [ImportRow], commands: [UsageCommand]) {
        self.rows = rows
        self.commands = commands
    }

    /// The batch with the outcomes of its rows. Throws when the database does not take the rows in `attempts` tries.
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

    /// Adds the rows to the summary by their outcomes.
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
    /// Whether another try may succeed.
    fileprivate var isTemporary: Bool {
        switch self {
        case .failure(.overloaded), .failure(.contended), .failure(.databaseUnavailable): true
        default: false
        }
    }
}
