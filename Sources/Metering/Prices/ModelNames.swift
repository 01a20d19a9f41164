/// How a model is called by whoever uses it, and by whoever lists its price.
///
/// A model's price is looked for under these names, in this order; the first that has one in force is taken, and none is guessed beyond them:
///
/// 1. the name as it is written, behind the provider's prefix where the call names its provider: `azure` and `gpt-4o` give `azure/gpt-4o`
/// 2. the name as it is written
/// 3. the model for which the shop has made the name an alias
/// 4. the name without the prefix of a maker in `makers`: `openai/gpt-4o` gives `gpt-4o`
/// 5. all of these without the date at the end of the name: `gpt-4o-2024-08-06`, `claude-3-opus-20240229` and `claude-3-opus@20240229` give
///    `gpt-4o` and `claude-3-opus`
package enum ModelNames {
    /// Makers who sell their own models under the names in the lists. A reseller's prefix is never dropped, as its prices are its own.
    static let makers: Set = [
        "openai", "anthropic", "gemini", "google", "models", "mistral", "mistralai", "cohere", "deepseek", "xai", "x-ai",
    ]

    /// - Parameter alias: the model that the shop has a name stand for.
    package static func candidates(
        for name: ModelName, soldBy provider: String? = nil, alias: (ModelName) throws -> ModelName?
    ) rethrows -> [ModelName] {
        var candidates: [ModelName] = []
        func add(_ text: String) {
            if let candidate = ModelName(rawValue: text), !candidates.contains(candidate) { candidates.append(candidate) }
        }
        for spelling in [name.rawValue, withoutDate(name.rawValue)].compactMap(\.self) {
            if let provider { add("\(provider)/\(spelling)") }
            add(spelling)
            if let written = ModelName(rawValue: spelling), let model = try alias(written) { add(model.rawValue) }
            if let bare = withoutMaker(spelling) { add(bare) }
        }
        return candidates
    }

    private static func withoutMaker(_ name: String) -> String? {
        let parts = name.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, makers.contains(String(parts[0])) else { return nil }
        return String(parts[1])
    }

    /// Nil for a name without a date at its end, or with nothing before it.
    static func withoutDate(_ name: String) -> String? {
        let bytes = Array(name.utf8)
        for form in ["-dddd-dd-dd", "-dddddddd", "@dddddddd"] where bytes.count > form.utf8.count {
            if zip(bytes.suffix(form.utf8.count), form.utf8).allSatisfy({ $1 == UInt8(ascii: "d") ? isDigit($0) : $0 == $1 }) {
                return String(decoding: bytes.dropLast(form.utf8.count), as: UTF8.self)
            }
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
