import JSON
import Metering

/// What JSON may look like: it checks bodies, and it writes itself into the OpenAPI document.
package struct Schema: Sendable {
    indirect enum Kind: Sendable {
        case any
        case boolean
        case integer(ClosedRange<Int64>)
        /// A number that is answered and never taken.
        case number
        case string(length: ClosedRange<Int>)
        case text(TextFormat)
        case enumeration([String])
        case array(Schema, count: ClosedRange<Int>)
        case map(values: Schema, keys: TextFormat, maximumCount: Int)
        case object(ObjectSchema)
        case nullable(Schema)
        /// Said in the document, and checked by the handler.
        case documented(Schema)
    }

    let kind: Kind
    /// The component's name in the OpenAPI document; nil when it is written out where it is used.
    private(set) var name: String?
    private(set) var note: String?

    init(_ kind: Kind) { self.kind = kind }

    /// The same under a name of its own in the document. One name stands for one schema.
    package func named(_ name: String) -> Schema {
        var copy = self
        copy.name = name
        return copy
    }

    /// The same with a sentence for people.
    package func described(_ note: String) -> Schema {
        var copy = self
        copy.note = note
        return copy
    }
}

extension Schema {
    package static let any = Schema(.any)
    package static let boolean = Schema(.boolean)
    package static let number = Schema(.number)
    package static let identifier = Schema(.text(.identifier))
    package static let modelName = Schema(.text(.modelName))
    package static let time = Schema(.text(.time))
    package static let date = Schema(.text(.date))
    package static let month = Schema(.text(.month))
    package static let money = Schema(.text(.money))
    package static let balance = Schema(.text(.balance))
    package static let currency = Schema(.text(.currency))
    package static let billingCycle = Schema(.text(.billingCycle))

    /// A count of tokens, characters, calls: an integer from 0 to 2^53−1.
    package static let quantity = integer(0...Quantity.largest)

    package static func integer(_ range: ClosedRange<Int64>) -> Schema { Schema(.integer(range)) }

    /// Any text without U+0000, which ends a string elsewhere; the length is in Unicode scalars, as JSON Schema counts.
    package static func string(_ length: ClosedRange<Int>) -> Schema { Schema(.string(length: length)) }

    package static func text(_ format: TextFormat) -> Schema { Schema(.text(format)) }

    package static func enumeration(_ values: [String]) -> Schema { Schema(.enumeration(values)) }

    package static func array(of element: Schema, count: ClosedRange<Int> = 0...Int.max) -> Schema {
        Schema(.array(element, count: count))
    }

    package static func map(values: Schema, keys: TextFormat = .identifier, maximumCount: Int = .max) -> Schema {
        Schema(.map(values: values, keys: keys, maximumCount: maximumCount))
    }

    /// What a client sends: exactly these fields.
    package static func object(_ fields: [Field]) -> Schema { Schema(.object(ObjectSchema(fields, isInput: true))) }

    /// What the service answers: these fields, and in a later version perhaps more.
    package static func answer(_ fields: [Field]) -> Schema { Schema(.object(ObjectSchema(fields, isInput: false))) }

    /// Anything, which the handler checks by the schema: for parts of a body that fail each on its own.
    package static func documented(_ schema: Schema) -> Schema { Schema(.documented(schema)) }

    package static func nullable(_ schema: Schema) -> Schema { Schema(.nullable(schema)) }
}
