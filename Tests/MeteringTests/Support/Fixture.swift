import Foundation
import Support

/// A table that a person can check, in `fixtures`. A word that is not among `words` is a mistake, as nothing would read it.
func fixture<Row: Decodable>(_ name: String, words: Set<String>, _ type: Row.Type = Row.self) throws -> [Row] {
    let data = try Data(contentsOf: fixtureFile(name))
    let unknown = Set(keys(of: try JSONSerialization.jsonObject(with: data))).subtracting(words)
    guard unknown.isEmpty else { throw UnknownWords(words: unknown) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([Row].self, from: data)
}

struct UnknownWords: Error { let words: Set<String> }

private func keys(of value: Any) -> [String] {
    switch value {
    case let object as [String: Any]: Array(object.keys) + object.values.flatMap(keys)
    case let list as [Any]: list.flatMap(keys)
    default: []
    }
}
