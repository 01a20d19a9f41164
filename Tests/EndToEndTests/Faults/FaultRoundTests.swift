import Foundation
import MongoServer
import Support
import Testing

/// A short round of what `docker/faults.sh` does at length: load on two instances, faults one after another, and an auditor with a way of its own to read.
@Suite struct FaultRoundTests {
    @Test func `Through deaths and stands of instances and database nothing is lost, wrong, double or adrift`() async throws {
        let directory = TestDatabase.directory("faults")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let mongod = try EmbeddedServer.start(mongod: TestDatabase.mongod, directory: directory + "/mongod", cacheGB: 0.25)
        defer { mongod.stop() }
        let instances = try await FaultInstances(uri: mongod.uri, directory: directory)
        let journal = FaultJournal()
        let load = Task { try await FaultLoad(instances: instances, journal: journal).run(clients: 8) }

        try await journal.waitForMore(40)
        try await instances.replace(0, by: SIGKILL)
        try await journal.waitForMore(40)
        if let process = mongod.processIdentifier {
            try freeze(process)
            // Until a client was told that the database is away: no event announces when the service knows it.
            _ = try await poll { journal.refusals > 0 ? true : nil }
            kill(process, SIGCONT)
        }
        try await journal.waitForMore(40)
        if let process = mongod.processIdentifier { kill(process, SIGKILL) }
        try await journal.waitForMore(40)
        try await instances.replace(1, by: SIGTERM)
        try await journal.waitForMore(40)
        journal.end()
        try await load.value
        await instances.stop()

        let found = try FaultAudit(of: journal, uri: mongod.uri)
        #expect(found == FaultAudit(), "lost, wrong, double, drift")
        #expect(journal.unanswered == 0 && journal.bare == 0)
    }
}
