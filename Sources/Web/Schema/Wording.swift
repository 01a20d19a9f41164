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
        case .alternatives(let schemas): schemas.map(\.expectation).joined(separator: ", or ")
        case .map(_, _, _, let maximum): maximum == .max ? "an object" : "an object of at most \(maximum) fields"
        case .object: "an object"
        case .nullable(let schema): schema.expectation + ", or null"
        }
    }

    private static func span(_ range: ClosedRange<Int>) -> String {
        if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
        return range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}

/// Finds the name that a person probably meant.
package enum Likeness {
    /// In bytes.
    private static let maximumLength = 40
    private static let maximumDistance = 2

    /// The name with the fewest slips (a letter too many, missing, or another one): at most 2, and less than half its letters. Nil when no
    /// name is so near.
    package static func nearest(to name: String, among names: [String]) -> String? {
        guard name.utf8.count <= maximumLength else { return nil }
        let near = names.map { (name: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= maximumDistance, near.distance * 2 < near.name.utf8.count else { return nil }
        return near.name
    }

    /// The Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let change = diagonal + (character == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
