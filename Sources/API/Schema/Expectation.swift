extension Schema {
    /// Completes "expected …".
    package var expectation: String {
        switch kind {
        case .any: "a value"
        case .documented(let schema): schema.expectation
        case .boolean: "true or false"
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .number: "a number"
        case .string(let length): "text of \(Self.span(length)) characters without U+0000"
        case .text(let format): format.expectation
        case .enumeration(let values): values.count == 1 ? values[0] : "one of " + values.joined(separator: ", ")
        case .array(_, let count): count == 0...Int.max ? "an array" : "an array of \(Self.span(count)) elements"
        case .map(_, _, let maximum): maximum == .max ? "an object" : "an object of at most \(maximum) fields"
        case .object: "an object"
        case .nullable(let schema): schema.expectation + ", or null"
        }
    }

    private static func span(_ range: ClosedRange<Int>) -> String {
        if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
        return range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
