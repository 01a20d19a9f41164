/// Names for the schemas of a document: a program that makes types of it calls them as people would, and not `Type1`, `Type2`.
extension Schema {
    /// The schema, in which every object and every choice of texts has a name: one that was given none has that of its place, which is `place` and the
    /// fields on the way to it.
    func named(within place: String) -> Schema {
        var copy = self
        let place = name ?? place
        switch kind {
        case .object(let object):
            copy.kind = .object(ObjectSchema(object.fields.map { $0.named(within: place) }, isInput: object.isInput))
            copy.name = place
        case .enumeration(let values) where values.count > 1: copy.name = place
        case .array(let element, let count): copy.kind = .array(element.named(within: Self.singular(place)), count: count)
        case .map(let values, let keys, let required, let maximum):
            copy.kind = .map(values: values.named(within: Self.singular(place)), keys: keys, required: required, maximumCount: maximum)
        case .alternatives(let schemas): copy.kind = .alternatives(schemas.map { $0.named(within: place) })
        case .nullable(let schema): copy.kind = .nullable(schema.named(within: place))
        case .documented(let schema): copy.kind = .documented(schema.named(within: place))
        default: break
        }
        return copy
    }

    /// `UsageHistory` of `usage_history`.
    static func noun(_ field: String) -> String {
        field.split { !$0.isLetter && !$0.isNumber }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func singular(_ place: String) -> String {
        place.hasSuffix("s") && !place.hasSuffix("ss") ? String(place.dropLast()) : place
    }
}

extension Schema.Field {
    fileprivate func named(within place: String) -> Schema.Field {
        Schema.Field(
            name: name, schema: schema.named(within: place + Schema.noun(name)), isRequired: isRequired, defaultValue: defaultValue)
    }
}
