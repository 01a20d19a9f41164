package import JSON
package import Metering

/// How handlers read what a schema has checked. A read that the schema does not warrant throws `WrongRead`: a mistake of ours.
extension JSON.Object {
    /// The text of a field; nil when it is left out or null.
    package func text(ifAny name: String) throws -> String? {
        try read(name, "text") { $0.string }
    }

    package func text(_ name: String) throws -> String {
        try text(ifAny: name) ?? missing(name)
    }

    package func integer(ifAny name: String) throws -> Int64? {
        try read(name, "an integer") { $0.integer }
    }

    package func integer(_ name: String) throws -> Int64 {
        try integer(ifAny: name) ?? missing(name)
    }

    package func bool(ifAny name: String) throws -> Bool? {
        try read(name, "true or false") { $0.bool }
    }

    package func bool(_ name: String) throws -> Bool {
        try bool(ifAny: name) ?? missing(name)
    }

    package func array(ifAny name: String) throws -> [JSON]? {
        try read(name, "an array") { $0.array }
    }

    package func array(_ name: String) throws -> [JSON] {
        try array(ifAny: name) ?? missing(name)
    }

    package func object(ifAny name: String) throws -> JSON.Object? {
        try read(name, "an object") { $0.object }
    }

    package func object(_ name: String) throws -> JSON.Object {
        try object(ifAny: name) ?? missing(name)
    }

    package func identifier<ID: Identifier>(ifAny name: String, as type: ID.Type = ID.self) throws -> ID? {
        try read(name, "an id") { $0.string.flatMap(ID.init(rawValue:)) }
    }

    package func identifier<ID: Identifier>(_ name: String, as type: ID.Type = ID.self) throws -> ID {
        try identifier(ifAny: name) ?? missing(name)
    }

    /// Text that stands for a value of ours: `try fields.value(ifAny: "price", Money.init)`.
    package func value<Value>(ifAny name: String, _ reading: (String) -> Value?) throws -> Value? {
        try read(name, "\(Value.self)") { $0.string.flatMap(reading) }
    }

    package func value<Value>(_ name: String, _ reading: (String) -> Value?) throws -> Value {
        try value(ifAny: name, reading) ?? missing(name)
    }

    package func time(ifAny name: String) throws -> Timestamp? {
        try value(ifAny: name, Timestamp.init(rfc3339:))
    }

    package func time(_ name: String) throws -> Timestamp {
        try value(name, Timestamp.init(rfc3339:))
    }

    private func read<Value>(_ name: String, _ what: String, _ value: (JSON) -> Value?) throws -> Value? {
        guard let given = self[name], given != .null else { return nil }
        guard let value = value(given) else { throw WrongRead(what: "\(name) as \(what)") }
        return value
    }

    private func missing<Value>(_ name: String) throws -> Value {
        throw WrongRead(what: "\(name), which is not there")
    }
}
