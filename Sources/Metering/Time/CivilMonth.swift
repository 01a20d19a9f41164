/// A month of the proleptic Gregorian calendar, in UTC.
package struct CivilMonth: Hashable, Sendable {
    package let first: CivilDay

    package init(of day: CivilDay) { first = day.firstOfMonth }

    /// Nil for anything but an existing month as `2026-11`.
    package init?(iso text: String) {
        guard let first = CivilDay(iso: text + "-01") else { return nil }
        self.first = first
    }

    /// `2026-11`
    package var iso: String { String(first.iso.prefix(7)) }

    /// `202611`
    package var basic: String { iso.replacing("-", with: "") }

    package var last: CivilDay { CivilDay(number: first.adding(months: 1).number - 1) }

    package var period: Period { .calendarMonth(of: first.start) }

    package func contains(_ day: CivilDay) -> Bool { first <= day && day <= last }
}

extension [DailyUsage] {
    /// Tokens of the days that are in the month.
    package func tokens(in month: CivilMonth) -> Quantity {
        reduce(0) { month.contains($1.day) ? $0 + $1.totals.tokens : $0 }
    }
}
