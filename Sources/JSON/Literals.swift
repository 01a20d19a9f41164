extension JSON: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }

    /// The names must differ; this is not checked.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Object(unique: elements.map { Object.Field(name: $0, value: $1) }))
    }
}

extension JSON {
    /// A string, or null for nil.
    package init(_ text: String?) { self = text.map(JSON.string) ?? .null }

    /// An integer, or null for nil.
    package init(_ integer: Int64?) { self = integer.map(JSON.integer) ?? .null }

    package init(_ integer: Int) { self = .integer(Int64(integer)) }

    package init(_ bool: Bool) { self = .bool(bool) }

    package init(_ texts: [String]) { self = .array(texts.map(JSON.string)) }

    /// A percentage or a mean, rounded to 2 decimals and without trailing zeros: `45.67`, `45.5`, `45`. Null for nil, NaN and infinity.
    package init(rounded value: Double?) {
        guard let value, value.isFinite else {
            self = .null
            return
        }
        guard value.magnitude < 1e15 else {
            self = .number("\(value)")
            return
        }
        self = JSON.hundredths(Int64((value * 100).rounded()))
    }

    private static func hundredths(_ hundredths: Int64) -> JSON {
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return .integer(hundredths / 100) }
        if rest.isMultiple(of: 10) { return .number("\(sign)\(whole).\(rest / 10)") }
        return .number("\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)")
    }
}
