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
        let lastAt = try await service.agreeOnImport(of: survey.file, options: options.text, shift: options.shift, for: tenant)
        guard let rule = TimeRule(times, stretch: options.stretch, lastAt: lastAt) else {
            throw Failure("With this stretch and shift, times of \(options.file) would fall outside of the years 1970 to 9999.")
        }
        return try await record(survey, ImportBatch.Maker(tenant: tenant, meter: options.meter, rule: rule, file: survey.file))
    }

    /// The second walk.
    /// - Parameter maker: nil when the first walk found no good row, so that every row is rejected.
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

/// What the first walk over a log finds: the file's identity and the span of its times.
struct ImportSurvey: Equatable {
    /// The SHA-256 of the file's content, in hexadecimal.
    let file: String
    /// The file's size when it was read. The second walk reads no further, as a log may grow meanwhile.
    let bytes: Int
    /// Nil when no row is good.
    let times: TimeSpan?

    init(_ options: ImportOptions) throws {
        var reader = try CSVReader(options.file)
        let columns = try ImportColumns(of: reader, options)
        var digest = try SHA256Stream()
        var (bytes, times) = (0, nil as TimeSpan?)
        while let piece = try reader.next() {
            try Task.checkCancellation()
            try digest.add(piece.bytes)
            bytes += piece.bytes.count
            for row in piece.rows {
                guard let time = try? columns.row(row).time else { continue }
                times = times?.including(time) ?? TimeSpan(time)
            }
        }
        (file, self.bytes, self.times) = (Hex.text(try digest.digest()), bytes, times)
    }
}
