import BSON
import Testing

@testable import shopmeter

@Suite struct ServerFactsTests {
    private func facts(_ hello: Document, version: String = "6.0.27") throws -> ServerFacts {
        try ServerFacts(host: "h:1", hello: hello, build: ["version": .string(version)])
    }

    @Test(arguments: [("4.4.29", true), ("5.0.0", true), ("6.0.0", false), ("7.0.12", false), ("8.2.1-rc0", false), ("", true)])
    func `A server that is too old is told, with what is needed`(version: String, isWrong: Bool) throws {
        let problem = try facts(["setName": "rs0", "isWritablePrimary": true], version: version).problem(expecting: "rs0")
        #expect((problem?.grade == .wrong) == isWrong)
        if isWrong { #expect(problem?.fact.contains("6 or newer") == true) }
    }

    @Test func `A router of shards is taken, whatever the set's name`() throws {
        #expect(try facts(["msg": "isdbgrid", "isWritablePrimary": true]).problem(expecting: "rs0") == nil)
    }

    @Test func `A set is taken by its name, and without one`() throws {
        let member = try facts(["setName": "rs0"])
        #expect(member.problem(expecting: "rs0") == nil)
        #expect(member.problem(expecting: nil) == nil)
        #expect(member.problem(expecting: "rs")?.step == "Write replicaSet=rs0 there.")
    }

    @Test func `Rights count in the database, in all databases, and by anyAction`() throws {
        func status(_ resource: Document, _ actions: [String]) -> Document {
            let privilege: Document = ["resource": .document(resource), "actions": .array(actions.map { .string($0) })]
            return [
                "authInfo": ["authenticatedUsers": [["user": "u", "db": "admin"]], "authenticatedUserPrivileges": [.document(privilege)]]
            ]
        }
        let all = Privileges.needed
        #expect(try Privileges(status(["db": "shopmeter", "collection": ""], all), in: "shopmeter").missing == [])
        #expect(try Privileges(status(["db": "", "collection": ""], all), in: "shopmeter").missing == [])
        #expect(try Privileges(status(["anyResource": true], ["anyAction"]), in: "shopmeter").missing == [])
        #expect(try Privileges(status(["db": "other", "collection": ""], all), in: "shopmeter").missing == all)
        #expect(try Privileges(status(["db": "shopmeter", "collection": "shops"], all), in: "shopmeter").missing == all)
        #expect(try Privileges(status(["db": "shopmeter", "collection": ""], ["find"]), in: "shopmeter").missing == Array(all.dropFirst()))
        let nobody: Document = ["authInfo": ["authenticatedUsers": [], "authenticatedUserPrivileges": []]]
        #expect(try Privileges(nobody, in: "shopmeter").missing == [])
    }
}
