/// Parts of a fee by time. Money of invoices is rounded here and nowhere else: each line once, to 2 digits after the point, halves up.
extension Money {
    /// 0.01, the smallest step of an invoice's amounts.
    package static let cent = Money(units: unitsPerOne / 100)

    /// The nearest whole number of cents; halves are rounded away from zero.
    package var roundedToCents: Money { share(1, of: 1) }

    /// `self × part ÷ whole`, exact until it is rounded to cents. `whole` is above 0.
    package func share(_ part: Int64, of whole: Int64) -> Money {
        let divisor = Int128(whole) * Self.cent.units
        let (product, half) = (units * Int128(part), divisor / 2)
        return Money(units: (product < 0 ? product - half : product + half) / divisor * Self.cent.units)
    }
}

extension Period {
    /// In milliseconds.
    package var length: Int64 { end.since(start) }

    /// What of the period is left at `time`, from all of it to nothing.
    package func rest(from time: Timestamp) -> Period { Period(start: min(max(time, start), end), end: end) }

    /// What of a fee for the whole period `part` of it costs.
    package func cost(of part: Period, at fee: Money) -> Money { fee.share(part.length, of: length) }
}
