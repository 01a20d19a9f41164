package import Bytes

extension JSON {
    /// Fields in the order of the text, each name once.
    ///
    /// A look-up scans the fields, which is the fastest way for the dozen fields of a body. A caller with a large object iterates over
    /// `fields` once instead.
    package struct Object: Hashable, Sendable {
        package struct Field: Hashable, Sendable {
            @Bytewise package private(set) var name: String
            package var value: JSON

            package init(name: String, value: JSON) {
                self.name = name
                self.value = value
            }
        }

        /// Whoever changes them keeps the names different.
        package var fields: [Field]

        package init() { fields = [] }

        /// The names of `fields` must differ; this is not checked.
        package init(unique fields: [Field]) { self.fields = fields }

        package subscript(name: String) -> JSON? {
            get { fields.first { $0.name.hasSameBytes(as: name) }?.value }
            set {
                let index = fields.firstIndex { $0.name.hasSameBytes(as: name) }
                switch (index, newValue) {
                case (let index?, let value?): fields[index].value = value
                case (let index?, nil): fields.remove(at: index)
                case (nil, let value?): fields.append(Field(name: name, value: value))
                case (nil, nil): break
                }
            }
        }

        package var isEmpty: Bool { fields.isEmpty }
    }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
    /// Of two fields with one name the last value stays.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }
}
