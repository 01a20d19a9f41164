package import JSON

/// How handlers read values that a schema has checked. Each read throws `WrongRead` when the schema does not promise what is read: a
/// mistake in our code.
///
/// Reads with `ifAny` return nil for a field that is left out or null.
extension JSON.Object {
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

    /// Text that stands for another value, which `reading` makes: `try fields.value(ifAny: "price", Money.init)`.
    package func value<Value>(ifAny name: String, _ reading: (String) -> Value?) throws -> Value? {
        try read(name, "\(Value.self)") { $0.string.flatMap(reading) }
    }

    package func value<Value>(_ name: String, _ reading: (String) -> Value?) throws -> Value {
        try value(ifAny: name, reading) ?? missing(name)
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

/// A handler read a value that its route does not declare: a mistake in our code, which the client sees as a bare 500.
package struct WrongRead: Error {
    /// The value, in words for the log.
    package let what: String

    package init(what: String) { self.what = what }
}
