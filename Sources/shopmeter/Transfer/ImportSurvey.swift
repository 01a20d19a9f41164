internal import Crypto
internal import Metering

/// What a first walk over a log finds: which file it is, and where its times lie.
struct ImportSurvey: Equatable {
    /// SHA-256 of its content, in hexadecimal.
    let file: String
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
