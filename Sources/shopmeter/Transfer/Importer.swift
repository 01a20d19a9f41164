internal import Metering
internal import Service
internal import Store

/// Imports a log of usage: a first walk over the file finds its digest and its times, a second one records the rows.
struct Importer {
    let service: ShopMeter
    let options: ImportOptions

    func run() async throws -> ImportSummary {
        let tenant = try await service.shop(options.shop).tenant
        let survey = try ImportSurvey(options)
        guard let times = survey.times else { return try await record(survey, nil) }
        let lastAt = try await service.agreeOnImport(of: survey.file, options: options.text, shift: options.shift, for: tenant)
        guard let rule = TimeRule(times, stretch: options.stretch, lastAt: lastAt) else {
            throw Failure("With this stretch and shift, times of \(options.file) would fall outside of the years 1970 to 9999.")
        }
        return try await record(survey, ImportBatch.Maker(tenant: tenant, meter: options.meter, rule: rule, file: survey.file))
    }

    /// `maker` is nil when no row is good.
    private func record(_ survey: ImportSurvey, _ maker: ImportBatch.Maker?) async throws -> ImportSummary {
        var reader = try CSVReader(options.file, bytes: survey.bytes)
        let columns = try ImportColumns(of: reader, options)
        let progress = ProgressLine()
        defer { progress.end() }
        return try await withThrowingTaskGroup(of: ImportBatch.self) { group in
            var pipeline = ImportPipeline(service: service, maker: maker)
            var read = 0
            while let piece = try reader.next() {
                try Task.checkCancellation()
                for row in piece.rows { pipeline.take(row, columns) }
                try await pipeline.start(in: &group)
                read += piece.bytes.count
                progress.show(Double(read) / Double(survey.bytes), count: pipeline.summary.rows, of: "rows")
            }
            return try await pipeline.finish(&group)
        }
    }
}

/// Batches under way. Their rows, and those of one piece of the file, are all that is kept in memory.
struct ImportPipeline {
    typealias Group = ThrowingTaskGroup<ImportBatch, any Error>

    /// Batches that are under way at once.
    static let bound = 4

    private let service: ShopMeter
    private let maker: ImportBatch.Maker?
    private var waiting: [ImportRow] = []
    private var running = 0
    private(set) var summary = ImportSummary()

    init(service: ShopMeter, maker: ImportBatch.Maker?) {
        self.service = service
        self.maker = maker
    }

    mutating func take(_ row: CSVReader.Row, _ columns: ImportColumns) {
        do {
            waiting.append(try columns.row(row))
        } catch {
            summary.reject(line: row.line, reason: error.reason)
        }
    }

    /// Starts every batch that is full, once there is room for it.
    mutating func start(in group: inout Group) async throws {
        while waiting.count >= ShopMeter.maximumBatch { try await startOne(in: &group) }
    }

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
