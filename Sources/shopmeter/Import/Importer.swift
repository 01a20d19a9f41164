internal import Crypto
internal import Metering
internal import Service
internal import Store

/// Imports a log of usage: a first walk over the file finds its digest and its times, a second one records the rows.
struct Importer {
    /// Batches that are under way at once; their rows are all that is kept in memory.
    static let batches = 4

    let service: ShopMeter
    let options: ImportOptions
    let progress = ProgressLine()

    struct Survey {
        /// SHA-256 in hexadecimal.
        let file: String
        let bytes: Int
        /// Nil when there is no good row.
        let times: TimeSpan?
    }

    func run() async throws -> ImportSummary {
        defer { progress.end() }
        let tenant = try await service.shop(options.shop).tenant
        let survey = try survey()
        guard let times = survey.times else { return try await record(survey, nil) }
        let lastAt = try await service.agreeOnImport(of: survey.file, options: options.text, shift: options.shift, for: tenant)
        guard let rule = TimeRule(times, stretch: options.stretch, lastAt: lastAt) else {
            throw Failure("With this stretch and shift, times of \(options.file) would fall outside of the years 1970 to 9999.")
        }
        return try await record(survey, ImportBatch.Maker(tenant: tenant, meter: options.meter, rule: rule, file: survey.file))
    }

    func survey() throws -> Survey {
        var digest = try SHA256Stream()
        var (bytes, times) = (0, nil as TimeSpan?)
        var reader = try UsageLogReader(options)
        while let piece = try reader.next() {
            try digest.add(piece.bytes)
            bytes += piece.bytes.count
            for case .success(let row) in piece.entries.map(\.row) {
                if times == nil { times = TimeSpan(row.time) } else { times?.include(row.time) }
            }
        }
        return Survey(file: Hex.text(try digest.digest()), bytes: bytes, times: times)
    }

    /// `maker` is nil when there is no good row.
    private func record(_ survey: Survey, _ maker: ImportBatch.Maker?) async throws -> ImportSummary {
        var reader = try UsageLogReader(options, bytes: survey.bytes)
        return try await withThrowingTaskGroup(of: ImportBatch.self) { group in
            var (summary, waiting, running, read) = (ImportSummary(), [ImportRow](), 0, 0)
            func start(_ rows: [ImportRow], _ maker: ImportBatch.Maker) async throws {
                if running == Self.batches, let done = try await group.next() {
                    done.count(into: &summary)
                    running -= 1
                }
                running += 1
                group.addTask { [service] in try await maker.batch(of: rows).recorded(by: service) }
                progress.show(Double(read) / Double(survey.bytes), count: summary.rows, of: "rows")
            }
            while let piece = try reader.next() {
                read += piece.bytes.count
                for entry in piece.entries {
                    switch entry.row {
                    case .success(let row): waiting.append(row)
                    case .failure(let problem): summary.reject(line: entry.line, reason: problem.reason)
                    }
                }
                while let maker, waiting.count >= ShopMeter.maximumBatch {
                    try await start(Array(waiting.prefix(ShopMeter.maximumBatch)), maker)
                    waiting.removeFirst(ShopMeter.maximumBatch)
                }
            }
            if let maker, !waiting.isEmpty { try await start(waiting, maker) }
            for try await done in group { done.count(into: &summary) }
            return summary
        }
    }
}
