package import JSON

/// What a JSON value may look like. It checks requests, and it writes itself into the OpenAPI document.
package struct Schema: Sendable {
    indirect enum Kind: Sendable {
        case any
        case boolean
        case integer(ClosedRange<Int64>)
        /// A number of an answer; requests have integers and decimal strings.
        case number
        /// Whatever one of them takes: the first that does.
        case alternatives([Schema])
        case string(length: ClosedRange<Int>)
        case text(TextFormat)
        case enumeration([String])
        case array(Schema, count: ClosedRange<Int>)
        case map(values: Schema, keys: TextFormat, required: [String], maximumCount: Int)
        case object(ObjectSchema)
        case nullable(Schema)
        /// Written into the document as the schema, and accepted here whatever it is: the handler checks it.
        case documented(Schema)
    }

    var kind: Kind
    /// The component's name in the OpenAPI document; nil when the schema is written out where it is used.
    var name: String?
    private(set) var note: String?
    /// The example in the document; nil where one is made from the parts.
    private(set) var sample: JSON?

    init(_ kind: Kind) { self.kind = kind }

    /// The schema under a name of its own in the document. One name stands for one schema.
    package func named(_ name: String) -> Schema {
        var copy = self
        copy.name = name
        return copy
    }

    /// The schema with an example for people, which fits it.
    package func sampled(_ sample: JSON) -> Schema {
        var copy = self
        copy.sample = sample
        return copy
    }

    /// The schema with a sentence for people; unchanged for nil.
    package func described(_ note: String?) -> Schema {
        guard let note else { return self }
        var copy = self
        copy.note = note
        return copy
    }
}

extension Schema {
    package static let any = Schema(.any)
    package static let boolean = Schema(.boolean)
    package static let number = Schema(.number)

    package static func integer(_ range: ClosedRange<Int64>) -> Schema { Schema(.integer(range)) }

    /// Any text without U+0000, which ends a string elsewhere. The length is in Unicode scalars, as JSON Schema counts.
    package static func string(_ length: ClosedRange<Int>) -> Schema { Schema(.string(length: length)) }

    package static func text(_ format: TextFormat) -> Schema { Schema(.text(format)) }

    package static func enumeration(_ values: [String]) -> Schema { Schema(.enumeration(values)) }

    package static func array(of element: Schema, count: ClosedRange<Int> = 0...Int.max) -> Schema {
        Schema(.array(element, count: count))
    }

    /// An object with any field names of the format `keys`, those of `required` among them.
    package static func map(values: Schema, keys: TextFormat, required: [String] = [], maximumCount: Int = .max) -> Schema {
        Schema(.map(values: values, keys: keys, required: required, maximumCount: maximumCount))
    }

    package static func alternatives(_ schemas: [Schema]) -> Schema { Schema(.alternatives(schemas)) }

    /// An object that a client sends: these fields and no other.
    package static func object(_ fields: [Field]) -> Schema { Schema(.object(ObjectSchema(fields, isInput: true))) }

    /// An object that the service answers with: these fields, to which a later version may add.
    package static func answer(_ fields: [Field]) -> Schema { Schema(.object(ObjectSchema(fields, isInput: false))) }

    /// Anything, which the handler checks by the schema: for parts of a body of which each fails alone.
    package static func documented(_ schema: Schema) -> Schema { Schema(.documented(schema)) }

    package static func nullable(_ schema: Schema) -> Schema { Schema(.nullable(schema)) }
}

/// A kind of text: how people are told of it, how tools are, and how it is read.
package struct TextFormat: Sendable {
    /// Completes "expected …".
    package let expectation: String
    /// JSON Schema's keywords for it: `pattern`, `format`, `maxLength`, `examples`.
    package let keywords: JSON.Object
    /// The value that handlers get for the text: the text itself, or what it stands for. Nil for a text of another kind.
    package let value: @Sendable (String) -> JSON?

    /// Text that a check leaves as it is.
    package init(expectation: String, keywords: JSON.Object, accepts: @escaping @Sendable (String) -> Bool) {
        self.init(expectation: expectation, keywords: keywords, value: { accepts($0) ? .string($0) : nil })
    }

    /// Text that a check replaces by `value`, so that it is parsed once.
    package init(expectation: String, keywords: JSON.Object, value: @escaping @Sendable (String) -> JSON?) {
        self.expectation = expectation
        self.keywords = keywords
        self.value = value
    }

    package func accepts(_ text: String) -> Bool { value(text) != nil }
}
