package import JSON
package import Metering
package import Web

extension Schema {
    package static let identifier = Schema.text(.identifier)
    package static let clientID = Schema.text(.clientID)
    package static let modelName = Schema.text(.modelName)
    package static let time = Schema.text(.time)
    package static let date = Schema.text(.date)
    package static let month = Schema.text(.month)
    package static let money = Schema.text(.money)
    package static let balance = Schema.text(.balance)
    package static let moneySum = Schema.text(.moneySum)
    package static let currency = Schema.text(.currency)
    package static let billingCycle = Schema.text(.billingCycle)

    /// A count of tokens, characters, calls: an integer from 0 to 2^53−1.
    package static let quantity = integer(0...Quantity.largest)

    /// An object with a field for each id.
    package static func map(values: Schema, maximumCount: Int = .max) -> Schema {
        map(values: values, keys: .identifier, maximumCount: maximumCount)
    }
}

extension Parameter {
    /// A name in a segment of the path.
    package static func path(_ name: String) -> Parameter { path(name, .identifier) }

    /// A client's id in a segment of the path, percent-encoded.
    package static func clientID(_ name: String) -> Parameter { path(name, .clientID) }
}

/// How handlers read values of ours that a schema has checked.
extension JSON.Object {
    package func identifier<ID: Identifier>(ifAny name: String, as type: ID.Type = ID.self) throws -> ID? {
        try value(ifAny: name, ID.init(rawValue:))
    }

    package func identifier<ID: Identifier>(_ name: String, as type: ID.Type = ID.self) throws -> ID {
        try value(name, ID.init(rawValue:))
    }

    package func time(ifAny name: String) throws -> Timestamp? {
        try integer(ifAny: name).map(Timestamp.init(milliseconds:))
    }

    package func time(_ name: String) throws -> Timestamp {
        Timestamp(milliseconds: try integer(name))
    }
}
