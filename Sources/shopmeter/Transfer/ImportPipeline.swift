internal import Crypto
internal import Metering
internal import Service
internal import Store

/// Records rows in batches, several at once. Memory holds the rows of these batches and of one piece of the file, however large the file is.
struct ImportPipeline {
    typealias Group = ThrowingTaskGroup<ImportBatch, any Error>

    /// The most batches under way at once.
    static let bound = 1

    /// Rows of a batch.
    static let batchRows = 10_000

    private let service: ShopMeter
    let maker: ImportBatch.Maker?
    /// Rows of batches that are not full yet.
    private(set) var waiting: [ImportRow] = []
    /// Batches under way.
    private var running = 0
    private(set) var summary = ImportSummary()
    /// How often each content was there before, by the first 16 bytes of its digest.
    private var occurrences: [[UInt8]: Int] = [:]

    init(service: ShopMeter, maker: ImportBatch.Maker?) {
        self.service = service
        self.maker = maker
    }

    /// Adds a row to the next batch; a bad row goes to the summary's rejected ones.
    mutating func take(_ row: CSVReader.Row, _ columns: ImportColumns) throws {
        do {
            var good = try columns.row(row)
            if good.id == nil { good.id = try contentID(of: good) }
            waiting.append(good)
        } catch let error as BadRow {
            summary.reject(line: row.line, reason: error.reason)
        }
    }

    /// The id of a row that has none of its own: of what it says, and its number among equal rows.
    private mutating func contentID(of row: ImportRow) throws -> EventID? {
        guard let maker else { return nil }
        let digest = Array(try row.digest(maker.meter).prefix(16))
        let number = occurrences[digest, default: 0] + 1
        occurrences[digest] = number
        return EventID(stored: "imp-\(Hex.text(digest))-\(number)")
    }

    /// Starts every full batch, and waits for another to end while `bound` of them are under way.
    mutating func start(in group: inout Group) async throws {
        while waiting.count >= Self.batchRows { try await startOne(in: &group) }
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
        let batch = maker.batch(of: Array(waiting.prefix(Self.batchRows)))
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
        /// Of rows that name none.
        let meter: Meter
        let effect: ImportEffect
        let rule: TimeRule
        /// Each user's earliest time, before it is moved: that far back an account reaches that is opened.
        let starts: [UserID: Timestamp]

        func batch(of rows: [ImportRow]) -> ImportBatch {
            ImportBatch(rows: rows, commands: rows.map(command), effect: effect, tenant: tenant)
        }

        func command(_ row: ImportRow) -> UsageCommand {
            let content = UsageContent(
                meter: row.meter ?? meter, amount: row.amount, occurredAt: rule(row.time), referenceID: row.reference,
                description: row.description, dimensions: row.dimensions)
            return UsageCommand(
                tenant: tenant, user: row.user, event: row.id ?? EventID(stored: "imp-\(row.number)"), content: content,
                opensFrom: rule(starts[row.user] ?? row.time))
        }
    }

    let rows: [ImportRow]
    let commands: [UsageCommand]
    private let effect: ImportEffect
    private let tenant: Tenant
    /// By the row's index; a row that is not there is still to be recorded.
    private var outcomes: [Int: UsageOutcome] = [:]

    init(rows: [ImportRow], commands: [UsageCommand], effect: ImportEffect, tenant: Tenant) {
        self.rows = rows
        (self.effect, self.tenant) = (effect, tenant)
        self.commands = commands
    }

    /// The batch with the outcomes of its rows. Throws when the database does not take the rows in `attempts` tries.
    func recorded(by service: ShopMeter) async throws -> ImportBatch {
        var batch = self
        for attempt in 0..<Self.attempts {
            let open = commands.indices.filter { batch.outcomes[$0] == nil }
            if open.isEmpty { return batch }
            if attempt > 0 { try await Task.sleep(for: .seconds(1)) }
            let outcomes = try await service.recordImported(open.map { commands[$0] }, effect, of: tenant)
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
    fileprivate var isTemporary: Bool {
        if case .failure(let error) = self { error.isTemporary } else { false }
    }
}

extension ServiceError {
    /// Whether another try may succeed.
    var isTemporary: Bool {
        switch self {
        case .overloaded, .contended, .databaseUnavailable: true
        default: false
        }
    }
}
