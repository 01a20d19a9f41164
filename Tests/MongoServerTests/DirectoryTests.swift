import Foundation
import Testing

@testable import MongoServer

/// What the embedded server keeps in its directory, without a mongod.
@Suite struct `The data directory` {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.path + "/shopmeter-directory-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory + "/db", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    @Test(arguments: ["", "0", "-1", "1", "x", "99999999999999", "\(getpid())", "\(getpid())\n"])
    func `A lock that names no mongod of ours leaves every process alone`(content: String) throws {
        try withDirectory { directory in
            try Data(content.utf8).write(to: URL(fileURLWithPath: directory + "/db/mongod.lock"))
            var lines: [String] = []
            OrphanServer(dataPath: directory + "/db").stop(within: .seconds(1)) { lines.append($0) }
            #expect(lines == [])
        }
    }

    @Test func `The lock is exclusive until it is released`() throws {
        try withDirectory { directory in
            let first = try OwnerLock(directory: directory)
            #expect(throws: EmbeddedServerError.self) { try OwnerLock(directory: directory) }
            first.release()
            first.release()
            _ = try OwnerLock(directory: directory)
        }
    }

    @Test(arguments: ["", "0", "70000", "-5", "port"])
    func `A remembered port that is none is replaced`(content: String) throws {
        try withDirectory { directory in
            try Data(content.utf8).write(to: URL(fileURLWithPath: directory + "/mongod.port"))
            let port = try LoopbackPort(directory: directory).choose()
            #expect(port >= 1024)
        }
    }

    @Test func `The remembered port is chosen again`() throws {
        try withDirectory { directory in
            let ports = LoopbackPort(directory: directory)
            let port = try ports.choose()
            try ports.remember(port)
            #expect(try LoopbackPort(directory: directory).choose() == port)
        }
    }

    @Test func `The tail of the log is what was written since, errors first`() throws {
        try withDirectory { directory in
            let path = directory + "/mongod.log"
            try Data("{\"s\":\"E\",\"msg\":\"old\"}\n".utf8).write(to: URL(fileURLWithPath: path))
            let log = ServerLog(path: path)
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data("{\"s\":\"I\",\"msg\":\"note\"}\n{\"s\":\"E\",\"msg\":\"cause\"}\n".utf8))
            #expect(log.tail == "{\"s\":\"E\",\"msg\":\"cause\"}")
        }
    }
}
