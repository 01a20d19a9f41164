import Foundation

/// Lends an empty directory, and removes it afterwards.
func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try await body(directory)
}

/// Lends a file with this text, and removes it afterwards.
func withFile<Result>(_ text: String, _ body: (String) async throws -> Result) async throws -> Result {
    try await withDirectory { directory in
        try text.write(toFile: directory + "/file", atomically: true, encoding: .utf8)
        return try await body(directory + "/file")
    }
}
