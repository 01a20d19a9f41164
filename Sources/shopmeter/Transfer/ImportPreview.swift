internal import Metering
internal import Service
internal import Store

/// What an import would do.
struct ImportPreview: Sendable {
    /// The most users whose excess is shown one by one.
    private static let shown = 20

    var summary = ImportSummary()
    private(set) var users = 0
    private(set) var periods = 0
    private var over: [String] = []
    private var overCount = 0

    mutating func add(_ user: ImportedUser) {
        users += 1
        periods += user.periods
        guard let excess = user.excess else { return }
        overCount += 1
        if over.count < Self.shown { over.append("over: \(user.user): \(excess)") }
    }

    var text: String {
        let facts = [
            "users: \(users)", "closed periods that change: \(periods)", "users over an allowance in the present period: \(overCount)",
        ]
        return (["nothing was recorded: this is what would be"] + [summary.text] + facts + over).joined(separator: "\n")
    }
}

extension Importer {
    /// The most rows of which a preview is made, as it keeps them in memory.
    private static let maximumPreview = 5_000_000

    /// Works out what the import would do, and stores nothing.
    func preview() async throws -> ImportPreview {
        let tenant = try await service.shop(options.shop).tenant
        let survey = try ImportSurvey(options)
        var preview = ImportPreview()
        let lastAt = try await service.previewOfImport(of: survey.file, options: options.text, shift: options.shift, for: tenant)
        let rule = survey.times.flatMap { TimeRule($0, stretch: options.stretch, lastAt: lastAt) }
        var pipeline = ImportPipeline(service: service, maker: rule.map { maker(survey, $0, tenant) })
        var reader = try options.reader(bytes: survey.bytes)
        let columns = try ImportColumns(of: reader, options)
        while let piece = try reader.next() {
            for row in piece.rows { try pipeline.take(row, columns) }
            guard pipeline.waiting.count <= Self.maximumPreview else {
                throw Failure("A dry run takes at most \(Self.maximumPreview) rows.")
            }
        }
        preview.summary = pipeline.summary
        guard let maker = pipeline.maker else { return preview }
        for (user, rows) in Dictionary(grouping: pipeline.waiting, by: \.user).sorted(by: { $0.key < $1.key }) {
            let result = try await service.previewImported(rows.map(maker.command), options.effect, for: user, of: tenant)
            for (row, outcome) in zip(rows, result.outcomes) {
                switch outcome {
                case .success(let answer): preview.summary.add(isDuplicate: answer.isDuplicate, amount: row.amount)
                case .failure(let error): preview.summary.reject(line: row.line, reason: Failure(error).description)
                }
            }
            preview.add(result)
        }
        return preview
    }
}
