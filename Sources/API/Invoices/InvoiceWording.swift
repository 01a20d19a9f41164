import Metering

/// The words of the pages of invoices and credit notes in one language; each language has a file of its own.
struct InvoiceWording: Sendable {
    /// The page's `lang` (RFC 5646).
    let code: String
    let invoice: String
    let creditNote: String
    let billedTo: String
    let seller: String
    let plan: String
    let issued: String
    let due: String
    let paid: String
    let payment: String
    let taxID: String
    let item: String
    let time: String
    let amount: String
    let fees: String
    let credit: String
    let refunded: String
    let withoutTax: String
    let noTax: String
    let included: String
    let total: String
    let ofInvoice: String
    let reason: String
    let datesAreUTC: String
    let statuses: [InvoiceStatus: String]
    let reasons: [CreditNote.Reason: String]
    let months: [String]
    /// Between a date's first and last day.
    let to: String
    let decimalPoint: String
    let thousands: String
    /// Whether the first of a month is written apart, as French has it.
    let firstDay: String
    /// Before colons and percent signs.
    let space: String
    /// The phrases that bills have in English, and what they are here; nil where they stay.
    let phrases: [String: String]
    /// What a line is called that bills the meter's use over the allowance.
    let over: @Sendable (_ meter: String) -> String

    static func of(_ language: UserProfile.Language?) -> InvoiceWording {
        switch language ?? .english {
        case .english: .english
        case .french: .french
        }
    }
}

extension InvoiceWording {
    /// The amount with the digits of its currency, in groups of three, with U+2212 as its minus sign.
    func words(_ amount: Money, in currency: Currency) -> String { words(amount.text(in: currency)) }

    func words(_ decimal: String) -> String {
        let isNegative = decimal.hasPrefix("-")
        let halves = decimal.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
        let whole = Array(halves[0])
        let groups = stride(from: whole.count % 3 - 3, to: whole.count, by: 3).map { String(whole[max(0, $0)..<($0 + 3)]) }
        let text = groups.filter { !$0.isEmpty }.joined(separator: thousands)
        return (isNegative ? "\u{2212}" : "") + text + (halves.count == 2 ? decimalPoint + halves[1] : "")
    }

    /// `10 November 2026`
    func words(_ day: CivilDay) -> String { "\(wordsWithoutYear(day)) \(day.year)" }

    private func wordsWithoutYear(_ day: CivilDay) -> String { "\(day.day == 1 ? firstDay : "\(day.day)") \(months[day.month - 1])" }

    /// From the period's first day to its last one.
    func words(_ period: Period) -> String {
        let (first, last) = (period.start.day, max(period.start, period.end.adding(milliseconds: -1)).day)
        if first == last { return words(last) }
        return "\(first.year == last.year ? wordsWithoutYear(first) : words(first)) \(to) \(words(last))"
    }

    /// What a line of a bill is for: the plan's name stays, and so does what no language knows.
    func words(_ line: InvoiceLine) -> String {
        guard let colon = line.description.ranges(of: ": ").last else {
            return phrases[line.description] ?? line.description
        }
        let (plan, phrase) = (line.description[..<colon.lowerBound], String(line.description[colon.upperBound...]))
        if line.kind == .overage, let meter = line.meter { return "\(plan)\(space): \(over(meter.rawValue))" }
        return phrases[phrase].map { "\(plan)\(space): \($0)" } ?? line.description
    }

    func words(_ rate: TaxRate) -> String {
        "\(rate.name) \(words(rate.percent.text))\(space.isEmpty ? " " : space)%\(rate.isInclusive ? included : "")"
    }
}
