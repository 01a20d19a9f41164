internal import Foundation

/// The end of mongod's log, for an error that a person reads.
struct ServerLog {
    let path: String
    /// How long the log was before this start: what is older tells nothing.
    private let start: UInt64

    init(path: String) {
        self.path = path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        start = (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }

    /// The errors since then, or where there are none the last lines; at most 2,000 characters.
    var tail: String {
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd() else { return "" }
        let from = max(start, end > 65_536 ? end - 65_536 : 0)
        guard (try? file.seek(toOffset: from)) != nil, let data = try? file.readToEnd() else { return "" }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        let errors = lines.filter { $0.contains("\"s\":\"E\"") || $0.contains("\"s\":\"F\"") || !$0.hasPrefix("{") }
        return String((errors.isEmpty ? lines : errors).suffix(5).joined(separator: "\n").suffix(2000))
    }
}
