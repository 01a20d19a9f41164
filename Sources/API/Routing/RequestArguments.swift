internal import JSON

/// What a request's URL gives for the parameters of its route.
struct RequestArguments {
    var path: [String: String]
    var query: [(name: String, value: String)]

    /// The checked values, with the defaults of those left out; what is wrong goes into `errors`.
    func values(for prepared: PreparedRoute, errors: inout [FieldError]) -> JSON.Object {
        var values: JSON.Object = [:]
        for parameter in prepared.pathParameters {
            if let text = path[parameter.name] { Self.take(text, for: parameter, into: &values, errors: &errors) }
        }
        for (name, text) in query {
            guard let parameter = prepared.queryParameters[name] else {
                errors.append(Self.unknown(name, of: prepared))
                continue
            }
            guard values[name] == nil else {
                errors.append(FieldError(field: name, message: "is given more than once"))
                continue
            }
            Self.take(text, for: parameter, into: &values, errors: &errors)
        }
        complete(&values, for: prepared, errors: &errors)
        errors = Array(errors.prefix(Schema.Report.limit))
        return values
    }

    private static func take(_ text: String, for parameter: Parameter, into values: inout JSON.Object, errors: inout [FieldError]) {
        let value = parameter.value(of: text)
        values[parameter.name] = value
        for error in parameter.schema.validate(value) { errors.append(FieldError(field: parameter.name, message: error.message)) }
    }

    private func complete(_ values: inout JSON.Object, for prepared: PreparedRoute, errors: inout [FieldError]) {
        for parameter in prepared.route.parameters where values[parameter.name] == nil {
            if parameter.isRequired { errors.append(FieldError(field: parameter.name, message: "is required")) }
            values[parameter.name] = parameter.standard
        }
    }

    private static func unknown(_ name: String, of prepared: PreparedRoute) -> FieldError {
        let near = Likeness.nearest(to: name, among: prepared.queryParameters.keys.sorted())
        let hint = near.map { "; did you mean \($0)?" } ?? ""
        return FieldError(field: String(name.prefix(Schema.Report.nameLimit)), message: "unknown parameter\(hint)")
    }
}
