import JSON
import Metering
import Web

extension PostalAddress {
    /// One text, or fields: `read` checks it.
    static let schema = Schema.documented(.nullable(.alternatives([fieldsSchema, textSchema])))

    private static let textSchema = Schema.string(1...500)
    private static let fieldsSchema = Schema.object(
        names.dropFirst().map { name in .optional(name, name == "country" ? .text(.country) : .string(0...200)) }
    ).described("Its parts; else the whole is one text, with its line ends.").named("PostalAddress")

    /// Nil for null. `field`: where it stands in the body.
    static func read(_ value: JSON, field: String) throws -> PostalAddress? {
        if value == .null { return nil }
        let errors = (value.string == nil ? fieldsSchema : textSchema).validate(value)
        guard errors.isEmpty else {
            throw Problem.invalid(
                errors.map { FieldError(field: $0.field == "body" ? field : "\(field).\($0.field)", message: $0.message) })
        }
        if let text = value.string { return PostalAddress(text: text) }
        let fields = value.object?.fields ?? []
        return PostalAddress(
            fields: Dictionary(fields.compactMap { field in field.value.string.map { (field.name, $0) } }) { first, _ in first })
    }

    var json: JSON {
        if let text { return text.json }
        return .object(JSON.Object(Self.names.filter { fields[$0] != nil }, key: \.self) { fields[$0].json })
    }
}
