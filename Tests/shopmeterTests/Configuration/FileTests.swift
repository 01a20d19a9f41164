import Crypto
import Foundation
import JSON
import Testing

@testable import shopmeter

@Suite struct FileTests {
    @Test func `A private file is its owner's alone, and is replaced whole`() throws {
        try withDirectory { directory in
            let file = PrivateFile(path: directory + "/secret")
            #expect(try file.read() == nil)
            try file.write("one")
            try file.write("two")
            #expect(try file.read() == "two")
            #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["secret"])
            file.remove()
            #expect(try file.read() == nil)
        }
    }

    @Test func `The admin token is the configured one, else made once and kept`() throws {
        try withDirectory { path in
            let directory = try DataDirectory(path + "/new/data")
            var configuration = try Configuration(Invocation(arguments: Arguments(), environment: [:]))
            let made = try AdminToken.find(configuration, in: directory)
            #expect(Hex.bytes(made)?.count == 32)
            #expect(try AdminToken.find(configuration, in: directory) == made)
            configuration.adminToken = "configured-token-0"
            #expect(try AdminToken.find(configuration, in: directory) == "configured-token-0")
            #expect(try FileManager.default.attributesOfItem(atPath: directory.path)[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test func `A data directory that cannot be is refused by its name`() {
        let error = #expect(throws: Failure.self) { _ = try DataDirectory("/dev/null/data") }
        #expect(error?.description.contains("/dev/null/data (SHOPMETER_DATA_DIR)") == true)
    }

    @Test func `An export appears under its name when it is whole`() throws {
        try withDirectory { directory in
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

    @Test func `A log line is one JSON object, whatever it says, and lower levels are left out`() throws {
        let pipe = Pipe()
        let log = Log(level: .info, descriptor: pipe.fileHandleForWriting.fileDescriptor)
        log.debug("not this")
        log.info("line \"one\"\n", ["request_id": "r-1", "status": 500])
        log.error("two")
        log.flush()
        try pipe.fileHandleForWriting.close()
        let lines = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n")
        let first = try #require(JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(first["message"] as? String == "line \"one\"\n")
        #expect(first["level"] as? String == "info")
        #expect(first["request_id"] as? String == "r-1")
        #expect(first["status"] as? Int == 500)
        #expect(first["time"] is String)
        #expect(lines.count == 2)
    }

    @Test func `A log that nobody reads loses lines, and never holds its writer back`() throws {
        let pipe = Pipe()
        let writer = LineWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)
        for _ in 0..<(3 * LineWriter.bound) { writer.append(line) }
        let reading = pipe.fileHandleForReading
        var text = ""
        // The note of what was lost is the last line.
        while !text.contains("were lost") { text = String((text + String(decoding: reading.availableData, as: UTF8.self)).suffix(5_000)) }
        #expect(text.contains("log lines were lost\"}"))
    }

    private static func write(_ text: String, to path: String, finish: Bool) throws {
        var file = try OutputFile(path)
        try file.write(Array(text.utf8))
        if finish { try file.finish() }
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }
}
