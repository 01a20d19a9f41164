import Foundation
import Testing

@testable import shopmeter

@Suite struct OutputFileTests {
    @Test func `An export appears under its name when it is whole`() async throws {
        try await withDirectory { directory in
            let path = directory + "/out.csv"
            try "old".write(toFile: path, atomically: true, encoding: .utf8)
            try Self.write("half", to: path, finish: false)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["out.csv"])
            try Self.write("whole", to: path, finish: true)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "whole")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["out.csv"])
        }
    }

    private static func write(_ text: String, to path: String, finish: Bool) throws {
        var file = try OutputFile(path)
        try file.write(Array(text.utf8))
        if finish { try file.finish() }
    }
}
