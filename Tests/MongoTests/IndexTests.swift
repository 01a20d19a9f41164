import BSON
import Mongo
import Support
import Testing

@Suite struct IndexTests {
    @Test func `An index is built while a member is down`() async throws {
        var members: [PlainMongod] = []
        defer { for member in members { member.stop() } }
        while members.count < 3 { members.append(try await PlainMongod.start(["--replSet", "rs0"])) }
        try await members[0].initiate("rs0", with: Array(members.dropFirst()))
        let database = try Database(uri: "mongodb://\(members.map(\.host).joined(separator: ","))/?replicaSet=rs0", name: "test")
        defer { database.shutdown() }
        // An index of an empty collection waits for nobody.
        _ = try await poll { try? await database.run { try $0.insert("filled", [["_id": 1, "a": 1]]) } }
        members[2].stop()
        try await database.run { try $0.createIndexes("filled", [["name": "a", "key": ["a": 1]]]) }
        let indexes = try await database.run { try $0.command(["listIndexes": "filled"]).document("cursor").array("firstBatch").count }
        #expect(indexes == 2)
    }
}
