internal import Metering

/// A row of a log that can be recorded.
struct ImportRow: Equatable, Sendable {
    /// Among the file's records after the header, counted from 1, bad ones too.
    let number: Int
    let line: Int
    let time: Timestamp
    let user: UserID
    let amount: Quantity
}

/// Why a row cannot be recorded, in words for a report.
struct BadRow: Error, Equatable {
    let reason: String
}

/// Finds a row's values by the names of the header.
struct ImportColumns {
    private let count: Int
    private let time: Int
    private let amounts: [Int]
    private let user: Int?
    private let zipf: ZipfUsers?

    init(header: [String], _ options: ImportOptions) throws(UsageError) {
        func index(_ name: String) throws(UsageError) -> Int {
            if let index = header.firstIndex(of: name) { return index }
            throw UsageError("\(options.file) has no column \"\(name)\"; it has \(header.joined(separator: ", ")).")
        }
        count = header.count
        time = try index(options.timeColumn)
        amounts = try options.amountColumns.map { name throws(UsageError) in try index(name) }
        switch options.users {
        case .column(let name): (user, zipf) = (try index(name), nil)
        case .spread(let count): (user, zipf) = (nil, ZipfUsers(count: count))
        }
    }

    func row(_ record: CSVParser.Record, number: Int) throws(BadRow) -> ImportRow {
        let fields = try fields(record)
        guard fields.count == count else { throw BadRow(reason: "\(fields.count) fields where the header has \(count)") }
        guard let time = ImportTime.parse(fields[time]) else { throw BadRow(reason: "a time that is not \(ImportTime.expectation)") }
        let user = try user(fields, number: number)
        return ImportRow(number: number, line: record.line, time: time, user: user, amount: try amount(fields))
    }

    private func fields(_ record: CSVParser.Record) throws(BadRow) -> [String] {
        do {
            return try record.content.get()
        } catch {
            throw BadRow(reason: error.rawValue)
        }
    }

    private func user(_ fields: [String], number: Int) throws(BadRow) -> UserID {
        if let zipf { return zipf.user(ofRow: number) }
        guard let user, let id = UserID(rawValue: fields[user]) else {
            throw BadRow(reason: "a user id that is not \(IdentifierText.expectation)")
        }
        return id
    }

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
