/// Writes objects straight into bytes: for answers of which many are made a second, and which need not be values before.
package struct ObjectWriter {
    package private(set) var bytes: [UInt8]
    /// What comes before the next field or element.
    private var separator = UInt8(ascii: "{")

    /// - Parameter capacity: bytes that most objects of the kind need.
    package init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The bytes of one object.
    package static func object(capacity: Int, _ fields: (inout ObjectWriter) -> Void) -> [UInt8] {
        var writer = ObjectWriter(capacity: capacity)
        writer.write(fields)
        return writer.bytes
    }

    package mutating func field(_ name: StaticString, _ text: String) {
        begin(name)
        JSON.write(text, into: &bytes)
    }

    package mutating func field(_ name: StaticString, _ integer: Int64) {
        begin(name)
        JSON.write(integer, into: &bytes)
    }

    package mutating func field(_ name: StaticString, _ bool: Bool) {
        begin(name)
        JSON.bool(bool).write(into: &bytes)
    }

    /// Null for nil.
    package mutating func field(_ name: StaticString, _ text: String?) {
        if let text { field(name, text) } else { field(name, value: .null) }
    }

    /// Null for nil.
    package mutating func field(_ name: StaticString, _ integer: Int64?) {
        if let integer { field(name, integer) } else { field(name, value: .null) }
    }

    package mutating func field(_ name: StaticString, value: JSON) {
        begin(name)
        value.write(into: &bytes)
    }

    /// A text that `append` writes, which has nothing to escape.
    package mutating func field(_ name: StaticString, plain append: (inout [UInt8]) -> Void) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        append(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func object(_ name: StaticString, _ fields: (inout ObjectWriter) -> Void) {
        begin(name)
        write(fields)
    }

    /// An array of objects.
    package mutating func array<Elements: Sequence>(
        _ name: StaticString, _ elements: Elements, _ fields: (inout ObjectWriter, Elements.Element) -> Void
    ) {
        begin(name)
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write { fields(&$0, element) }
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// An object, with the comma left to the caller.
    private mutating func write(_ fields: (inout ObjectWriter) -> Void) {
        separator = UInt8(ascii: "{")
        fields(&self)
        if separator == UInt8(ascii: "{") { bytes.append(separator) }
        bytes.append(UInt8(ascii: "}"))
        separator = UInt8(ascii: ",")
    }

    private mutating func begin(_ name: StaticString) {
        bytes.append(separator)
        separator = UInt8(ascii: ",")
        bytes.append(UInt8(ascii: "\""))
        // Safe: the closure only reads the buffer.
        name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }
}
