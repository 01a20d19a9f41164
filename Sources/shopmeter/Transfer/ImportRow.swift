internal import Metering

/// A good row of a log, in values.
struct ImportRow: Equatable, Sendable {
    /// Among the records after the header, counted from 1.
    let number: Int
    /// The line of its first byte in the file, counted from 1.
    let line: Int
    let time: Timestamp
    let user: UserID
    let amount: Quantity
}

/// The columns of a file that an import reads, found by their names in the header.
struct ImportColumns {
    private let time: Int
    private let amounts: [Int]
    private let user: Int?
    private let zipf: ZipfUsers?

    init(of reader: CSVReader, _ options: ImportOptions) throws(UsageError) {
        time = try reader.index(of: options.timeColumn)
        amounts = try options.amountColumns.map { name throws(UsageError) in try reader.index(of: name) }
        switch options.users {
        case .column(let name): (user, zipf) = (try reader.index(of: name), nil)
        case .spread(let count): (user, zipf) = (nil, ZipfUsers(count: count))
        }
    }

    /// Parses a row. Throws the reason when it cannot be recorded.
    func row(_ row: CSVReader.Row) throws(BadRow) -> ImportRow {
        let fields = try row.fields.get()
        guard let time = ImportTime.parse(fields[time]) else { throw BadRow(reason: "a time that is not \(ImportTime.expectation)") }
        let user = try user(fields, row: row.number)
        return ImportRow(number: row.number, line: row.line, time: time, user: user, amount: try amount(fields))
    }

    private func user(_ fields: [String], row: Int) throws(BadRow) -> UserID {
        if let zipf { return zipf.user(ofRow: row) }
        guard let user, let id = UserID(rawValue: fields[user]) else {
            throw BadRow(reason: "a user id that is not \(UserID.form.expectation)")
        }
        return id
    }

    /// The sum of the amount columns.
    private func amount(_ fields: [String]) throws(BadRow) -> Quantity {
        var sum: Quantity = 0
        for index in amounts {
            guard let part = Setting<Int64>.digits(fields[index], in: 0...Quantity.largest) else {
                throw BadRow(reason: "an amount that is not a whole number from 0 to \(Quantity.largest)")
            }
            sum += part
            guard sum <= Quantity.largest else { throw BadRow(reason: "a sum of amounts over \(Quantity.largest)") }
        }
        return sum
    }
}
