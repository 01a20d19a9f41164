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
    package static let positiveMoney = Schema.text(.positiveMoney)
    /// An object with any fields.
    static let anyObject = Schema.map(values: .any, keys: TextFormat(expectation: "any name", keywords: [:], accepts: { _ in true }))
    package static let currency = Schema.text(.currency).named("Currency")
    package static let billingCycle = Schema.text(.billingCycle)

    /// A count of tokens, characters, calls: an integer from 0 to 2^53−1.
    package static let quantity = integer(0...Quantity.largest)

    /// One of the type's values, under a name in the document, so that clients have a type for it.
    static func choice<Choice: CaseIterable & RawRepresentable<String>>(of type: Choice.Type, named name: String) -> Schema {
        enumeration(type.allCases.map(\.rawValue)).named(name)
    }

    /// An object with a field for each id.
    package static func map(values: Schema, maximumCount: Int = .max) -> Schema {
        map(values: values, keys: .identifier, maximumCount: maximumCount)
    }
}

extension Parameter {
    /// A name in a segment of the path.
    package static func path(_ name: String) -> Parameter { path(name, .identifier, notes[name]) }

    /// A client's id in a segment of the path, percent-encoded.
    package static func clientID(_ name: String) -> Parameter { path(name, .clientID, notes[name]) }

    /// What stands in a path under a name means the same on each route.
    private static let notes = [
        "user_id": "The shop's own id of the user, percent-encoded.", "shop_id": "The shop.",
        "key_id": "The part of a key before its secret.",
        "plan_name": "The plan's name in the catalog.", "event_id": "The event's id, percent-encoded.",
        "reservation_id": "The hold's id, percent-encoded.", "call_id": "The call's id, percent-encoded.",
        "charge_id": "The charge's id, percent-encoded.", "project_id": "The shop's own id of the project, percent-encoded.",
        "billing_error_id": "The id of the billing error: that of its charge.", "number": "The document's number.",
        "endpoint_id": "The webhook endpoint.", "delivery_id": "The delivery.",
    ]
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
