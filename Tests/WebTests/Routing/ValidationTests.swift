import HTTP
import JSON
import Testing

@testable import Web

struct ValidationTests {
    private let service: SampleService

    init() throws { service = try SampleService() }

    @Test func `What is not JSON is 400 and what is not valid is 422`() async {
        let malformed = await service.ask(.post, "/v1/usage", token: "all", headers: SampleService.json, body: "{\"a\":01}")
        #expect(malformed.status == 400 && malformed.json?["detail"] == "expected , or }, at byte 6")
        let invalid = await service.ask(
            .post, "/v1/usage", token: "all", headers: SampleService.json, body: "{\"user_id\":\"u\",\"amount\":-5}")
        #expect(invalid.status == 422 && invalid.json?["code"] == "invalid_request")
        #expect(invalid.json?["errors"] == [["field": "amount", "message": "expected an integer from 0 to 9007199254740991"]])
    }

    @Test(arguments: [
        ([("amount", "11")], "amount"), ([("amount", "+1")], "amount"), ([("amount", "01")], "amount"), ([("amount", "")], "amount"),
        ([("amount", "1"), ("amount", "1")], "amount"), ([("history", "yes")], "history"), ([("histroy", "true")], "histroy"),
        ([("user_id", "u1")], "user_id"),
    ])
    func `A value of the query that is not valid, repeated or unknown is 422`(query: [(String, String)], field: String) async {
        let response = await service.ask(.get, "/v1/usage/u1", query: query.map { (name: $0.0, value: $0.1) }, token: "reader")
        #expect(response.status == 422 && response.json?["errors"]?.array?.first?["field"] == .string(field))
    }

    @Test func `A value that the query must have, and one of the path that is no id, are 422`() async {
        #expect(await service.ask(.get, "/v1/holds", token: "reader").json?["errors"] == [["field": "state", "message": "is required"]])
        #expect(await service.ask(.get, "/v1/usage/a b", token: "reader").json?["errors"]?.array?.first?["field"] == "user_id")
    }

    @Test func `Bodies that may be left out, that are raw and that are not wanted`() async {
        #expect(await service.ask(.post, "/v1/close", token: "all").json?["body"] == [:])
        #expect(
            await service.ask(.post, "/v1/close", token: "all", headers: SampleService.json, body: "{\"at\":\"now\"}").json?["body"] == [
                "at": "now"
            ])
        #expect(await service.ask(.post, "/v1/close", token: "all", headers: SampleService.json, body: "{\"at\":\"x\"}").status == 422)
        #expect(await service.ask(.post, "/v1/hook/acme", headers: ["content-type": "text/plain"], body: "{{{").status == 200)
        #expect(await service.ask(.delete, "/v1/keys/k1", token: "all", headers: SampleService.json, body: "{}").status == 400)
        #expect(await service.ask(.delete, "/v1/keys/k1", token: "all").status == 200)
    }
}
