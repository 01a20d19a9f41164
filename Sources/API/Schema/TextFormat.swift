package import JSON

/// A kind of text: what it is told to people, what it is told to tools, and the test itself, which is the reader that handlers use.
package struct TextFormat: Sendable {
    /// Completes "expected …".
    package let expectation: String
    /// JSON Schema's words for it: `pattern`, `format`, `maxLength`, `examples`.
    package let keywords: JSON.Object
    package let accepts: @Sendable (String) -> Bool

    package init(expectation: String, keywords: JSON.Object, accepts: @escaping @Sendable (String) -> Bool) {
        self.expectation = expectation
        self.keywords = keywords
        self.accepts = accepts
    }
}
