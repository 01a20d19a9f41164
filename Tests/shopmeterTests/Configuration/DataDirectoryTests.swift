import Crypto
import Foundation
import Testing

@testable import shopmeter

@Suite struct DataDirectoryTests {
    @Test func `A private file is its owner's alone, and is replaced whole`() async throws {
        try await withDirectory { directory in
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

    @Test func `The admin token is the configured one, else made once and kept`() async throws {
        try await withDirectory { path in
            let directory = try DataDirectory(path + "/new/data")
            var configuration = try Configuration(Invocation(arguments: Arguments(), environment: [:]))
            let made = try AdminToken.find(configuration, in: directory).revealed
            #expect(Hex.bytes(made)?.count == 32)
            #expect(try AdminToken.find(configuration, in: directory).revealed == made)
            configuration.adminToken = Secret("configured-token-0")
            #expect(try AdminToken.find(configuration, in: directory).revealed == "configured-token-0")
            #expect(try FileManager.default.attributesOfItem(atPath: directory.path)[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test func `A data directory that cannot be is refused by its name`() {
        let error = #expect(throws: Failure.self) { _ = try DataDirectory("/dev/null/data") }
        #expect(error?.description.contains("/dev/null/data (SHOPMETER_DATA_DIR)") == true)
    }
}
