import Bytes
import JSON

/// The texts that a request's URL has for the parameters of its route, not checked yet.
package struct RequestArguments {
    /// By the names in the route's pattern.
    package let path: [String: String]
    /// In the order of the URL; a name may be there more than once.
    package var query: [(name: String, value: String)]

    /// Checks the texts. Returns the values, with the defaults of parameters left out; adds what is wrong to `errors`.
    func values<Access>(for prepared: PreparedRoute<Access>, errors: inout [FieldError]) -> JSON.Object {
        var values: JSON.Object = [:]
        for parameter in prepared.pathParameters {
            if let text = path[parameter.name] { Self.add(text, for: parameter, into: &values, errors: &errors) }
        }
        for (name, text) in query {
            guard let parameter = prepared.queryParameters[Bytewise(wrappedValue: name)] else {
                errors.append(Self.unknown(name, of: prepared))
                continue
            }
            guard values[name] == nil else {
                errors.append(FieldError(field: name, message: "is given more than once"))
                continue
            }
            Self.add(text, for: parameter, into: &values, errors: &errors)
        }
        complete(&values, for: prepared, errors: &errors)
        errors = Array(errors.prefix(Schema.Report.limit))
        return values
    }

    private static func add(_ text: String, for parameter: Parameter, into values: inout JSON.Object, errors: inout [FieldError]) {
        var value = parameter.value(of: text)
        let mistakes = parameter.schema.read(&value)
        values[parameter.name] = value
        for error in mistakes { errors.append(FieldError(field: parameter.name, message: error.message)) }
    }

    private func complete<Access>(_ values: inout JSON.Object, for prepared: PreparedRoute<Access>, errors: inout [FieldError]) {
        for parameter in prepared.route.parameters where values[parameter.name] == nil {
            if parameter.isRequired { errors.append(FieldError(field: parameter.name, message: "is required")) }
            values[parameter.name] = parameter.defaultValue
        }
    }

    private static func unknown<Access>(_ name: String, of prepared: PreparedRoute<Access>) -> FieldError {
        let near = Likeness.nearest(to: name, among: prepared.queryParameters.values.map(\.name).sorted())
        let hint = near.map { "; did you mean \($0)?" } ?? ""
        return FieldError(field: String(name.prefix(Schema.Report.nameLimit)), message: "unknown parameter\(hint)")
    }
}
