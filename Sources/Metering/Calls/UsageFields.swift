internal import JSON

/// A provider's usage object contradicts itself, or is none: which field, and what was expected of it.
package struct UsageObjectError: Error, Equatable, Sendable {
    /// `usage.prompt_tokens_details.cached_tokens`
    package let field: String
    package let expected: String

    package init(field: String, expected: String) {
        self.field = field
        self.expected = expected
    }
}

/// An object of a provider's answer whose fields are counts, with its path in the request.
struct UsageFields {
    let object: JSON.Object
    let path: String

    init(_ object: JSON.Object, at path: String) {
        self.object = object
        self.path = path
    }

    func has(_ name: String) -> Bool { object[name].map { $0 != .null } ?? false }

    /// A count of tokens; 0 for a field that is left out or null.
    func count(_ name: String) throws(UsageObjectError) -> Quantity {
        switch object[name] {
        case nil, .null: return 0
        case .integer(let integer) where (0...Quantity.largest).contains(integer): return integer
        case .number(let text):
            if let whole = ScientificDecimal(text)?.money(), whole.isExact, whole.amount.units % Money.unitsPerOne == 0,
                let count = Quantity(exactly: whole.amount.units / Money.unitsPerOne), (0...Quantity.largest).contains(count)
            {
                return count
            }
            fallthrough
        default: throw error(name, "expected a whole number from 0 to \(Quantity.largest)")
        }
    }

    /// A count that may have a fraction, in thousandths.
    func thousandths(_ name: String) throws(UsageObjectError) -> Quantity {
        let text: String
        switch object[name] {
        case nil, .null: return 0
        case .integer(let integer): text = String(integer)
        case .number(let number): text = number
        default: throw error(name, "expected a number")
        }
        guard let number = ScientificDecimal(text)?.money(timesTenTo: 3), number.amount >= .zero,
            let count = Quantity(exactly: number.amount.units.roundedQuotient(by: Money.unitsPerOne)), count <= Quantity.largest
        else { throw error(name, "expected a number of 0 or more") }
        return count
    }

    /// The object in a field; empty for one that is left out or null.
    func part(_ name: String) throws(UsageObjectError) -> UsageFields {
        switch object[name] {
        case nil, .null: return UsageFields([:], at: "\(path).\(name)")
        case .object(let part): return UsageFields(part, at: "\(path).\(name)")
        default: throw error(name, "expected an object")
        }
    }

    func part(_ names: [String]) throws(UsageObjectError) -> UsageFields {
        for name in names where has(name) { return try part(name) }
        return UsageFields([:], at: "\(path).\(names[0])")
    }

    /// The objects in a field; none for one that is left out or null.
    func parts(_ name: String) throws(UsageObjectError) -> [UsageFields] {
        switch object[name] {
        case nil, .null: return []
        case .array(let parts):
            var fields: [UsageFields] = []
            for (index, part) in parts.enumerated() {
                guard let object = part.object else { throw error("\(name)[\(index)]", "expected an object") }
                fields.append(UsageFields(object, at: "\(path).\(name)[\(index)]"))
            }
            return fields
        default: throw error(name, "expected an array")
        }
    }

    func error(_ name: String, _ expected: String) -> UsageObjectError { UsageObjectError(field: "\(path).\(name)", expected: expected) }

    /// The counts of the names that are there.
    func counts(_ names: String...) throws(UsageObjectError) -> [UsageCount] {
        var counts: [UsageCount] = []
        for name in names where has(name) { counts.append(UsageCount(try count(name), at: "\(path).\(name)")) }
        return counts
    }

    /// The first of the names that is there, else 0.
    func firstCount(_ names: String...) throws(UsageObjectError) -> UsageCount {
        for name in names where has(name) { return UsageCount(try count(name), at: "\(path).\(name)") }
        return UsageCount(0, at: "\(path).\(names[0])")
    }
}

/// A count with its path in the request, by which it is refused.
struct UsageCount: Equatable {
    var count: Quantity
    let field: String

    init(_ count: Quantity, at field: String) {
        self.count = count
        self.field = field
    }

    func error(_ expected: String) -> UsageObjectError { UsageObjectError(field: field, expected: expected) }

    /// The count without those of `part`; 0 where that has more.
    func beyond(_ part: UsageCount) -> UsageCount { UsageCount(count - min(count, part.count), at: field) }

    /// What is left of it when its parts are taken away. Throws at the first part that passes it together with those before.
    func rest(without parts: UsageCount...) throws(UsageObjectError) -> Quantity {
        var rest = count
        for part in parts {
            guard part.count <= rest else {
                throw part.error("expected at most \(rest), what the \(count) of \(field) leave for it")
            }
            rest -= part.count
        }
        return rest
    }
}

extension [UsageCount] {
    /// The largest, of counts that say the same in several places; 0 at `field` where there is none.
    func largest(else field: String) -> UsageCount { self.max { $0.count < $1.count } ?? UsageCount(0, at: field) }
}
