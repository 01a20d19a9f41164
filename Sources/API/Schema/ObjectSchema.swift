package import JSON

extension Schema {
    /// A field of an object, under its JSON name.
    package struct Field: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool
        /// What a field that is left out means; for the document only.
        let standard: JSON?

        package static func required(_ name: String, _ schema: Schema, _ note: String? = nil) -> Field {
            Field(name: name, schema: note.map(schema.described) ?? schema, isRequired: true, standard: nil)
        }

        package static func optional(_ name: String, _ schema: Schema, _ note: String? = nil, default standard: JSON? = nil) -> Field {
            Field(name: name, schema: note.map(schema.described) ?? schema, isRequired: false, standard: standard)
        }
    }

    /// The fields of an object in the order of the document, found by name in one step.
    struct ObjectSchema: Sendable {
        let fields: [Field]
        /// Whether a client sends it: its fields are then all that it may have.
        let isInput: Bool
        private let places: [String: Int]
        private let requiredCount: Int

        init(_ fields: [Field], isInput: Bool) {
            self.fields = fields
            self.isInput = isInput
            places = Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
            requiredCount = fields.count { $0.isRequired }
        }

        func check(_ object: JSON.Object, into report: inout Report) {
            var met = 0
            for given in object.fields {
                guard !report.isFull else { return }
                guard let place = places[given.name] else {
                    report.refuse(at: given.name, unknown(given.name))
                    continue
                }
                if fields[place].isRequired { met += 1 }
                report.descend(given.name) { fields[place].schema.check(given.value, into: &$0) }
            }
            if met < requiredCount { refuseMissing(of: object, into: &report) }
        }

        private func refuseMissing(of object: JSON.Object, into report: inout Report) {
            for field in fields where field.isRequired && object[field.name] == nil {
                report.refuse(at: field.name, "is required")
            }
        }

        private func unknown(_ name: String) -> String {
            guard let near = Likeness.nearest(to: name, among: fields.map(\.name)) else { return "unknown field" }
            return "unknown field; did you mean \(near)?"
        }
    }
}
