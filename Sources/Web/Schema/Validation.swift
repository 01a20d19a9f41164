import Bytes
package import JSON

/// An error in one field of a request, in words for the person who wrote the client.
package struct FieldError: Hashable, Sendable {
    /// The path of the field: `amount`, `events[3].dimensions.voice`; `body` for the whole body.
    package var field: String
    package var message: String

    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}

extension Schema {
    /// The errors of the value, at most `Report.limit`; empty when it fits the schema.
    package func validate(_ value: JSON) -> [FieldError] {
        var value = value
        return read(&value)
    }

    /// Checks the value, and puts in place of each text the value that its format reads from it, and the integer in place of a whole number that is
    /// written with a fraction or an exponent. Returns the errors, as `validate` does.
    package func read(_ value: inout JSON) -> [FieldError] {
        var report = Report()
        read(&value, into: &report)
        return report.errors.map { FieldError(field: $0.field.isEmpty ? "body" : $0.field, message: $0.message) }
    }

    /// The errors found so far. Paths are put together on the way out of nested values, so that a valid body costs none.
    struct Report {
        static let limit = 20
        /// How many characters of a name that the client made up are repeated to it.
        static let nameLimit = 64
        private(set) var errors: [FieldError] = []

        var isFull: Bool { errors.count >= Self.limit }

        mutating func add(at name: String = "", _ message: String) {
            if !isFull { errors.append(FieldError(field: Self.shown(name), message: message)) }
        }

        /// Runs a check of the part `name`, and puts that name before the paths of the errors found.
        mutating func descend(_ name: @autoclosure () -> String, _ check: (inout Report) -> Void) {
            let before = errors.count
            check(&self)
            for index in before..<errors.count { prefix(index, with: Self.shown(name())) }
        }

        /// The name as it is repeated: cut, and without U+0000, which no text of an answer has.
        private static func shown(_ name: String) -> String {
            String(name.prefix(nameLimit)).replacing("\u{0}", with: "\u{FFFD}")
        }

        /// Runs a check of a value that may be null, and says so in the errors about the value itself.
        mutating func offerNull(_ check: (inout Report) -> Void) {
            let before = errors.count
            check(&self)
            for index in before..<errors.count where errors[index].field.isEmpty { errors[index].message += ", or null" }
        }

        private mutating func prefix(_ index: Int, with name: String) {
            let rest = errors[index].field
            errors[index].field = rest.isEmpty || rest.hasPrefix("[") ? name + rest : "\(name).\(rest)"
        }
    }

    func read(_ value: inout JSON, into report: inout Report) {
        switch (kind, value) {
        case (.any, _), (.documented, _), (.boolean, .bool), (.number, .integer), (.number, .number), (.nullable, .null): return
        case (.nullable(let schema), _): report.offerNull { schema.read(&value, into: &$0) }
        case (.integer(let range), .integer(let integer)) where range.contains(integer): return
        case (.integer(let range), .number):
            guard let whole = value.wholeNumber, range.contains(whole) else { return report.add("expected \(expectation)") }
            value = .integer(whole)
        case (.string(let length), .string(let text)) where Self.length(of: text, isIn: length) && !text.utf8.contains(0): return
        case (.enumeration(let values), .string(let text)) where values.contains(where: text.hasSameBytes): return
        case (.text(let format), .string(let text)):
            if let read = format.value(text) { value = read } else { report.add("expected \(expectation)") }
        case (.array(let element, let count), .array(var elements)) where count.contains(elements.count):
            value = .null  // so that the elements have one owner and are read in place
            Self.read(&elements, by: element, into: &report)
            value = .array(elements)
        case (.alternatives(let schemas), _):
            guard let schema = schemas.first(where: { $0.validate(value).isEmpty }) else { return report.add("expected \(expectation)") }
            schema.read(&value, into: &report)
        case (.map(let values, let keys, let required, let maximum), .object(var object)) where object.fields.count <= maximum:
            value = .null
            for name in required where object[name] == nil { report.add(at: name, "is required") }
            Self.read(&object, values: values, keys: keys, into: &report)
            value = .object(object)
        case (.object(let schema), .object(var object)):
            value = .null
            schema.read(&object, into: &report)
            value = .object(object)
        default: report.add("expected \(expectation)")
        }
    }

    private static func length(of text: String, isIn length: ClosedRange<Int>) -> Bool {
        let bytes = text.utf8.count
        // A scalar is 1 to 4 bytes.
        if bytes < length.lowerBound || bytes / 4 > length.upperBound { return false }
        return length.contains(text.unicodeScalars.count)
    }

    private static func read(_ elements: inout [JSON], by schema: Schema, into report: inout Report) {
        for index in elements.indices {
            if report.isFull { return }
            report.descend("[\(index)]") { schema.read(&elements[index], into: &$0) }
        }
    }

    private static func read(_ object: inout JSON.Object, values: Schema, keys: TextFormat, into report: inout Report) {
        for index in object.fields.indices {
            if report.isFull { return }
            let name = object.fields[index].name
            if !keys.accepts(name) { report.add(at: name, "expected a name of \(keys.expectation)") }
            report.descend(name) { values.read(&object.fields[index].value, into: &$0) }
        }
    }
}
