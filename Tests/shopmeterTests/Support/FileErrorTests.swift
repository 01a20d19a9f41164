import Foundation
import Testing

@testable import shopmeter

/// What a command says of a file that it cannot read or make: the system's own words.
@Suite struct FileErrorTests {
    private func sentence(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `A file's error is a sentence with the path and the cause`() async throws {
        try await withDirectory { directory in
            try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: directory + "/bytes"))
            let sentences: [(String, String)] = [
                (sentence { _ = try CSVReader(directory) }, "Is a directory"),
                (sentence { _ = try CSVReader(directory + "/none") }, "No such file or directory"),
                (sentence { _ = try PriceFile(directory) }, "Is a directory"),
                (sentence { _ = try PriceFile(directory + "/none") }, "No such file or directory"),
                (sentence { _ = try DataDirectory(directory + "/bytes/data") }, "Not a directory"),
                (sentence { _ = try PrivateFile(path: directory + "/bytes").read() }, "no text in UTF-8"),
                (sentence { _ = try PrivateFile(path: directory).read() }, "Is a directory"),
                (sentence { try PrivateFile(path: directory + "/none/file").write("a") }, "No such file or directory"),
                (sentence { _ = try OutputFile(directory + "/none/file") }, "No such file or directory"),
            ]
            for (sentence, cause) in sentences {
                #expect(sentence.contains(directory) && sentence.contains(cause), "\(sentence)")
                #expect(!sentence.contains("Domain") && !sentence.contains("couldn"), "\(sentence)")
            }
        }
    }

    @Test func `A file that is no minus is read where it is`() throws {
        #expect(try InputFile("/a/b").path == "/a/b")
    }
}
