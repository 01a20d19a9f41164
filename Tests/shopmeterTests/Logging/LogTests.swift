import Foundation
import JSON
import Testing

@testable import shopmeter

@Suite struct LogTests {
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
        // The last line says how many were lost.
        while !text.contains("were lost") { text = String((text + String(decoding: reading.availableData, as: UTF8.self)).suffix(5_000)) }
        #expect(text.contains("log lines were lost\"}"))
    }

    @Test func `On a terminal a line is for people, and what came from outside gives the terminal no orders`() {
        let line = ReadableLine(
            "2026-11-20T23:10:00.000Z", .warning, "slow\u{1B}[2J",
            ["request_id": "a b", "status": 503, "route": "/v1/usage", "odd": "x\ny"])
        #expect(
            line.text(isColored: false)
                == "23:10:00.000 warning slow\u{FFFD}[2J  request_id=\"a b\" status=503 route=/v1/usage odd=x\u{FFFD}y")
        let colored = line.text(isColored: true)
        #expect(colored.contains("\u{1B}[33mwarning\u{1B}[0m") && !colored.contains("\u{1B}[2J"))
    }

    @Test func `A log that is no terminal is JSON`() {
        let pipe = Pipe()
        let isJSON = if case .json = Log.Form.of(pipe.fileHandleForWriting.fileDescriptor, [:]) { true } else { false }
        #expect(isJSON)
    }
}
