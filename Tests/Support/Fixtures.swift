package import Foundation

/// A file of the repository's folder `fixtures`.
package func fixtureFile(_ name: String) -> URL {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return root.appendingPathComponent("fixtures/\(name)")
}
