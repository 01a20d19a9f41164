/// A day of the proleptic Gregorian calendar, in UTC. All dates of the rules are worked out here.
package struct CivilDay: Hashable, Comparable, Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// Nil when there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year) else { return nil }
        self.init(unchecked: year, month, day)
    }

    private init(unchecked year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that is `number` days after 1970-01-01, or before it, below 0. Years are counted from March, so that the leap day is a
    /// year's last (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
    package init(number: Int) {
        let shifted = number + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.init(unchecked: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// Days from 1970-01-01 to this day (Hinnant, days_from_civil).
    package var number: Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.flooredQuotient(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The first instant of the day.
    package var start: Timestamp { Timestamp(milliseconds: Int64(number) * Timestamp.millisecondsPerDay) }

    package static func < (left: CivilDay, right: CivilDay) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    package static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// This day of the month, `months` months later (earlier, below 0); the last day of that month where it is shorter.
    package func adding(months: Int) -> CivilDay {
        let index = year * 12 + month - 1 + months
        let year = index.flooredQuotient(by: 12)
        let month = index - year * 12 + 1
        return CivilDay(unchecked: year, month, min(day, Self.days(inMonth: month, of: year)))
    }

    package var firstOfMonth: CivilDay { CivilDay(unchecked: year, month, 1) }
}

/// A month of the proleptic Gregorian calendar, in UTC.
package struct CivilMonth: Hashable, Sendable {
    package let first: CivilDay

    package init(of day: CivilDay) { first = day.firstOfMonth }

    /// Reads `2026-11`; nil for another form, or a month that does not exist.
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
