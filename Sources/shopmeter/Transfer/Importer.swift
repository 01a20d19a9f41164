internal import Crypto
internal import Metering
internal import Service
internal import Store

/// Imports a log of usage in two walks over the file: the first finds its digest and its times, the second records the rows.
struct Importer {
    let service: ShopMeter
    let options: ImportOptions

    func run() async throws -> ImportSummary {
        let tenant = try await service.shop(options.shop).tenant
        let survey = try ImportSurvey(options)
        guard let times = survey.times else { return try await record(survey, nil) }
        let lastAt = try await service.agreeOnImport(
            of: survey.file, options: options.text, shift: options.shift, keeping: options.movesTimes, for: tenant)
        guard let rule = TimeRule(times, stretch: options.stretch, lastAt: lastAt) else {
            throw Failure("With this stretch and shift, times of \(options.file) would fall outside of the years 1970 to 9999.")
        }
        return try await record(survey, maker(survey, rule, tenant))
    }

    func maker(_ survey: ImportSurvey, _ rule: TimeRule, _ tenant: Tenant) -> ImportBatch.Maker {
        ImportBatch.Maker(tenant: tenant, meter: options.meter, effect: options.effect, rule: rule, starts: survey.starts)
    }

    /// The second walk.
    /// - Parameter maker: nil when the first walk found no good row, so that every row is rejected.
    private func record(_ survey: ImportSurvey, _ maker: ImportBatch.Maker?) async throws -> ImportSummary {
        var reader = try options.reader(bytes: survey.bytes)
        let columns = try ImportColumns(of: reader, options)
        let progress = ProgressLine()
        defer { progress.end() }
        return try await withThrowingTaskGroup(of: ImportBatch.self) { group in
            var pipeline = ImportPipeline(service: service, maker: maker)
            var read = 0
            while let piece = try reader.next() {
                try Task.checkCancellation()
                for row in piece.rows { try pipeline.take(row, columns) }
                try await pipeline.start(in: &group)
                read += piece.bytes.count
                progress.show(Double(read) / Double(survey.bytes), count: pipeline.summary.rows, of: "rows")
            }
            return try await pipeline.finish(&group)
        }
    }
}

/// What the first walk over a log finds: the file's identity and the span of its times.
struct ImportSurvey: Equatable {
    /// What the shop remembers the file by: the SHA-256 of its header and its first good row, in hexadecimal, which stay when a log grows.
    let file: String
    /// The file's size when it was read. The second walk reads no further, as a log may grow meanwhile.
    let bytes: Int
    /// Nil when no row is good.
    let times: TimeSpan?
    /// Each user's earliest time.
    let starts: [UserID: Timestamp]

    init(_ options: ImportOptions) throws {
        var reader = try options.reader()
        let columns = try ImportColumns(of: reader, options)
        var (bytes, times, starts, first) = (0, nil as TimeSpan?, [UserID: Timestamp](), [UInt8]())
        while let piece = try reader.next() {
            try Task.checkCancellation()
            bytes += piece.bytes.count
            for row in piece.rows {
                guard let row = try? columns.row(row) else { continue }
                if times == nil { first = try row.digest(options.meter) }
                times = times?.including(row.time) ?? TimeSpan(row.time)
                starts[row.user] = min(row.time, starts[row.user] ?? row.time)
            }
        }
        file = Hex.text(try SHA256.hash(Array(reader.header.joined(separator: "\n").utf8) + first))
        (self.bytes, self.times, self.starts) = (bytes, times, starts)
    }
}
