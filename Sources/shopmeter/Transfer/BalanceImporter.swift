internal import Metering
internal import Service
internal import Store

/// Opens balances with the rows of a file.
struct BalanceImporter {
    let service: ShopMeter
    let options: BalanceImportOptions

    func run() async throws -> BalanceSummary {
        let tenant = try await service.shop(options.shop).tenant
        var reader = try CSVReader(options.file, delimiter: options.delimiter, wanted: options.wanted, more: options.others)
        let columns = try BalanceColumns(of: reader, options)
        let progress = ProgressLine()
        defer { progress.end() }
        var summary = BalanceSummary()
        // In a dry run nothing remembers the rows before.
        var seen: Set<OpeningKey> = []
        while let piece = try reader.next() {
            for row in piece.rows {
                try Task.checkCancellation()
                do {
                    var given = try columns.balances(row)
                    if options.isDryRun { given.forget(&seen) }
                    summary.add(try await open(given, in: tenant))
                } catch let bad as BadRow {
                    summary.rows.reject(line: row.line, reason: bad.reason)
                }
            }
            progress.show(nil, count: summary.rows.rows, of: "rows")
        }
        return summary
    }

    /// Throws `BadRow` for a row that cannot be, and a `ServiceError` when the database does not take it in `ImportBatch.attempts` tries.
    private func open(_ given: OpeningBalances, in tenant: Tenant) async throws -> OpeningBalances {
        let author = Author(.command, reason: OpeningBalances.reason)
        var attempt = 1
        while true {
            do {
                return try await service.acting(as: author) {
                    try await service.openBalances(given, in: tenant, isDryRun: options.isDryRun)
                }
            } catch let error as ServiceError {
                guard error.isTemporary else { throw BadRow(reason: Failure(error).description) }
                guard attempt < ImportBatch.attempts else { throw error }
                attempt += 1
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// What an import of balances did, or would do.
struct BalanceSummary {
    var rows = ImportSummary()
    private var rollover = Int128(0)
    private var purchased = Int128(0)
    private var credit = Money.zero
    private var wallets = Money.zero
    private var users: Set<UserID> = []

    mutating func add(_ added: OpeningBalances) {
        rows.add(isDuplicate: added.isEmpty)
        guard !added.isEmpty else { return }
        users.insert(added.user)
        rollover += Int128(added.rollover ?? 0)
        purchased += Int128(added.purchased ?? 0)
        credit += added.credit ?? .zero
        wallets += added.wallet ?? .zero
    }

    func text(isDryRun: Bool) -> String {
        let head = isDryRun ? ["nothing was stored: this is what would be"] : []
        let sums = [
            "users: \(users.count)", "rollover: \(rollover)", "purchased: \(purchased)", "credit: \(credit.text)",
            "wallets: \(wallets.text)",
        ]
        return (head + [rows.text] + sums).joined(separator: "\n")
    }
}

/// The columns of a file of balances, found by their names in the header.
struct BalanceColumns {
    private let indices: [BalanceColumn: Int]
    private let meter: Meter
    private let numbers: ImportNumbers

    init(of reader: CSVReader, _ options: BalanceImportOptions) throws(UsageError) {
        var indices: [BalanceColumn: Int] = [:]
        for column in BalanceColumn.allCases {
            let name = options.name(of: column)
            let isWanted = options.wanted.contains(name)
            indices[column] = isWanted ? try reader.index(of: name) : reader.header.firstIndex(of: name)
        }
        guard BalanceColumn.amounts.contains(where: { indices[$0] != nil }) else {
            let names = BalanceColumn.amounts.map(options.name).joined(separator: ", ")
            throw UsageError("\(reader.path) has none of the columns \(names); it has \(reader.header.joined(separator: ", ")).")
        }
        (self.indices, meter, numbers) = (indices, options.meter, options.numbers)
    }

    /// Parses a row. Throws the reason when it says nothing that can be stored.
    func balances(_ row: CSVReader.Row) throws(BadRow) -> OpeningBalances {
        let fields = try row.fields.get()
        func text(_ column: BalanceColumn) -> String? {
            indices[column].flatMap { fields[$0].isEmpty ? nil : fields[$0] }
        }
        func read<Value>(_ column: BalanceColumn, _ expected: String, _ read: (String) -> Value?) throws(BadRow) -> Value? {
            guard let text = text(column) else { return nil }
            guard let value = read(text) else { throw BadRow(reason: "a \(column.rawValue) that is not \(expected)") }
            return value
        }
        guard let user = try read(.user, UserID.form.expectation, UserID.init(rawValue:)) else { throw BadRow(reason: "no user id") }
        var made = OpeningBalances(user: user, meter: try read(.meter, "a meter's name", Meter.init(rawValue:)) ?? meter)
        made.rollover = try read(.rollover, "a whole number", numbers.signedWhole)
        made.purchased = try read(.purchased, "a whole number from 0", numbers.whole)
        made.credit = try read(.credit, "an amount from 0", numbers.money)
        made.wallet = try read(.wallet, "an amount from 0", numbers.money)
        made.project = try read(.project, ProjectID.form.expectation, ProjectID.init(rawValue:))
        if made.isEmpty { throw BadRow(reason: "no balance") }
        if made.project != nil, made.wallet == nil { throw BadRow(reason: "a project_id without a wallet") }
        return made
    }
}

/// What is opened once.
private struct OpeningKey: Hashable {
    let kind: BalanceColumn
    let owner: WalletOwner
    var meter: Meter?
}

extension OpeningBalances {
    /// Leaves out what earlier rows have said.
    fileprivate mutating func forget(_ seen: inout Set<OpeningKey>) {
        let owner = WalletOwner.user(user)
        if rollover != nil, !seen.insert(OpeningKey(kind: .rollover, owner: owner, meter: meter)).inserted { rollover = nil }
        if purchased != nil, !seen.insert(OpeningKey(kind: .purchased, owner: owner, meter: meter)).inserted { purchased = nil }
        if credit != nil, !seen.insert(OpeningKey(kind: .credit, owner: owner)).inserted { credit = nil }
        let payer = project.map { WalletOwner.project($0) } ?? owner
        if wallet != nil, !seen.insert(OpeningKey(kind: .wallet, owner: payer)).inserted { wallet = nil }
    }
}
