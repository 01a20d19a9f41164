/// What a label names: a value of a dimension.
package struct LabelKey: Hashable, Sendable {
    package let dimension: String
    package let value: String

    package init(dimension: String, value: String) {
        self.dimension = dimension
        self.value = value
    }

    /// Under which name a dimension's label stands in an answer: `voice_name` for `voice_slug`, `document_title` for `reference_id`.
    package static func name(of dimension: String) -> String {
        if dimension == UsageContent.reference { return "document_title" }
        for suffix in ["_slug", "_id"] where dimension.hasSuffix(suffix) && dimension != suffix {
            return dimension.dropLast(suffix.count) + "_name"
        }
        return dimension + "_name"
    }
}
