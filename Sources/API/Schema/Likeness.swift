/// Finds the name that someone probably meant.
package enum Likeness {
    private static let longestName = 40
    private static let farthest = 2

    /// The nearest name at most two slips away (a letter more, less or another), and fewer slips than half its letters; nil when there is none.
    package static func nearest(to name: String, among names: [String]) -> String? {
        guard name.utf8.count <= longestName else { return nil }
        let near = names.map { (name: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= farthest, near.distance * 2 < near.name.utf8.count else { return nil }
        return near.name
    }

    /// The Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let change = diagonal + (character == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
