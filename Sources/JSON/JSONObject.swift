extension JSON {
    /// Fields in the order of the text, each name once.
    ///
    /// Looking one up walks over them, which is the fastest way for the dozen that a body has; what may be large is walked once instead.
    package struct Object: Hashable, Sendable {
        package struct Field: Hashable, Sendable {
            package let name: String
            package var value: JSON

            package init(name: String, value: JSON) {
                self.name = name
                self.value = value
            }
        }

        package private(set) var fields: [Field]

        package init() { fields = [] }

        /// `fields` must have each name once.
        package init(unique fields: [Field]) { self.fields = fields }

        package subscript(name: String) -> JSON? {
            get { fields.first { $0.name == name }?.value }
            set {
                let place = fields.firstIndex { $0.name == name }
                switch (place, newValue) {
                case (let place?, let value?): fields[place].value = value
                case (let place?, nil): fields.remove(at: place)
                case (nil, let value?): fields.append(Field(name: name, value: value))
                case (nil, nil): break
                }
            }
        }

        package var isEmpty: Bool { fields.isEmpty }
    }
}

extension JSON.Object: ExpressibleByDictionaryLiteral {
    /// A name that is written twice keeps its last value.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }
}
