/// Fields in their order. A name that occurs twice (a server may send one) keeps both; look-ups find the first.
package struct Document: Sendable, Hashable {
    struct Field: Sendable, Hashable {
        var key: String
        var value: Value
    }

    var fields: [Field]

    package init() {
        fields = []
    }

    package init(_ fields: [(String, Value)]) {
        self.fields = fields.map { Field(key: $0.0, value: $0.1) }
    }

    package mutating func append(_ key: String, _ value: Value) {
        fields.append(Field(key: key, value: value))
    }

    package mutating func reserveCapacity(_ count: Int) {
        fields.reserveCapacity(count)
    }

    /// Setting keeps the field's place, or appends; setting nil removes.
    package subscript(key: String) -> Value? {
        get { fields.first { $0.key == key }?.value }
        set {
            switch (fields.firstIndex { $0.key == key }, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }
}

extension Document: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }
}

extension Document: RandomAccessCollection {
    package var startIndex: Int { fields.startIndex }
    package var endIndex: Int { fields.endIndex }

    package subscript(position: Int) -> (key: String, value: Value) {
        let field = fields[position]
        return (field.key, field.value)
    }
}
