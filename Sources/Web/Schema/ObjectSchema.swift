import Bytes
package import JSON

extension Schema {
    /// A field of an object, under its JSON name.
    package struct Field: Sendable {
        package let name: String
        package let schema: Schema
        let isRequired: Bool
        /// The value that a field left out stands for. It is written into the document; the handler takes its own.
        let defaultValue: JSON?

        package static func required(_ name: String, _ schema: Schema, _ note: String? = nil) -> Field {
            Field(name: name, schema: schema.described(note), isRequired: true, defaultValue: nil)
        }

        package static func optional(_ name: String, _ schema: Schema, _ note: String? = nil, default defaultValue: JSON? = nil) -> Field {
            Field(name: name, schema: schema.described(note), isRequired: false, defaultValue: defaultValue)
        }
    }

    /// The fields of an object in the order of the document, each found by its name in one step.
    struct ObjectSchema: Sendable {
        let fields: [Field]
        /// Whether a client sends the object: then it may have no other fields.
        let isInput: Bool
        private let indices: [Bytewise<String>: Int]
        private let requiredCount: Int

        init(_ fields: [Field], isInput: Bool) {
            self.fields = fields
            self.isInput = isInput
            indices = Dictionary(fields.enumerated().map { (Bytewise(wrappedValue: $1.name), $0) }, uniquingKeysWith: { first, _ in first })
            requiredCount = fields.count { $0.isRequired }
        }

        func read(_ object: inout JSON.Object, into report: inout Report) {
            var met = 0
            for position in object.fields.indices {
                guard !report.isFull else { return }
                let name = object.fields[position].name
                guard let index = indices[Bytewise(wrappedValue: name)] else {
                    report.add(at: name, unknown(name))
                    continue
                }
                if fields[index].isRequired { met += 1 }
                report.descend(name) { fields[index].schema.read(&object.fields[position].value, into: &$0) }
            }
            if met < requiredCount { addMissing(of: object, into: &report) }
        }

        private func addMissing(of object: JSON.Object, into report: inout Report) {
            for field in fields where field.isRequired && object[field.name] == nil {
                report.add(at: field.name, "is required")
            }
        }

        private func unknown(_ name: String) -> String {
            guard let near = Likeness.nearest(to: name, among: fields.map(\.name)) else { return "unknown field" }
            return "unknown field; did you mean \(near)?"
        }
    }
}
