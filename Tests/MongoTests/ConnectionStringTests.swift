import Testing

@testable import Mongo

@Suite struct ConnectionStringTests {
    @Test func `A connection string prints its servers, and nothing else of it`() throws {
        let uri = try #require(ConnectionString("mongodb://user:hunter2@a:1,b:2/db?replicaSet=rs0&authSource=admin"))
        #expect("\(uri)" == "a:1,b:2")
        #expect(!String(reflecting: uri).contains("hunter2"))
        var dumped = ""
        dump(uri, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(uri.hosts == ["a:1", "b:2"] && uri.replicaSet == "rs0" && uri.user == "user")
    }

    @Test(arguments: [
        (
            "mongodb://user:p%40ss@a:1,b:2/db?replicaSet=rs0&authSource=admin&w=1",
            "mongodb://user:p%40ss@b:2/db?authSource=admin&w=1&directConnection=true"
        ),
        ("mongodb://a", "mongodb://b:2/?directConnection=true"),
        ("mongodb://a/?directConnection=false", "mongodb://b:2/?directConnection=true"),
        ("mongodb+srv://a.b.c/", nil),
    ])
    func `One server is reached alone, as the same user`(text: String, direct: String?) throws {
        #expect(try #require(ConnectionString(text)).direct(to: "b:2")?.secret == direct)
    }

    @Test(arguments: [
        "", "mongodb", "mongodb://", "http://a", "mongodb://a:b:c", "mongodb://a\0b", "mongodb://u:p:w@h", "mongodb://u:p@w@h/",
        "mongodb://h/?tls",
    ])
    func `What libmongoc cannot read is none`(text: String) {
        #expect(ConnectionString(text) == nil)
    }

    @Test func `Settling waits for what is being closed`() async throws {
        let uri = "mongodb://127.0.0.1:1"
        let database = try Database(uri: uri, name: "a")
        database.shutdown()
        Database.settle()
        #expect(throws: MongoError.self) { try database.ping() }
    }
}
