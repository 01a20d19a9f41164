/// Header fields in the order of the message. Names are kept in lower case, as they are compared without case (RFC 9110, 5.1).
package struct Headers: Sendable {
    package private(set) var fields: [(name: String, value: String)] = []

    package init() {}

    package init(_ fields: KeyValuePairs<String, String>) {
        for (name, value) in fields { add(name, value) }
    }

    /// The first value of `name`, which must be in lower case.
    package subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// Every value of `name`, which must be in lower case, in order.
    package func values(of name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    package mutating func add(_ name: String, _ value: String) {
        fields.append((name.lowercased(), value))
    }

    mutating func append(_ line: FieldLine) {
        fields.append((line.name, line.value))
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral fields: (String, String)...) {
        for (name, value) in fields { add(name, value) }
    }
}

extension Headers: Equatable {
    package static func == (left: Headers, right: Headers) -> Bool {
        left.fields.elementsEqual(right.fields, by: ==)
    }
}
