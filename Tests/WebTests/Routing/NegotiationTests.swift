import HTTP
import JSON
import Testing

@testable import Web

struct NegotiationTests {
    private let service: SampleService

    init() throws { service = try SampleService() }

    @Test(arguments: [
        ("*/*", 200), ("application/json", 200), ("application/*", 200), ("APPLICATION/JSON", 200), ("text/html, */*;q=0.1", 200),
        ("application/problem+json", 200), ("application/json;q=0.5;x=y", 200), ("text/html", 406), ("application/json;q=0", 406),
        ("*/*;q=0", 406),
        ("application/json;q=0, */*", 200), ("application/*;q=0, */*", 406), ("text/*", 406), ("", 406), ("json", 406), ("*/*;q=2", 406),
    ])
    func `What the client takes must be among what is answered`(accept: String, status: Int) async {
        #expect(await service.ask(.get, "/v1/usage/u1", token: "all", headers: ["accept": accept]).status == status)
    }

    @Test(arguments: [
        ("text/csv", "text/csv"), ("*/*", "application/json"), ("text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("text/csv, application/json", "application/json"), ("text/*", "text/csv"), ("application/json;q=0,*/*", "text/csv"),
    ])
    func `The format liked best is the one to answer in`(accept: String, chosen: String) async {
        let response = await service.ask(.get, "/v1/export", token: "all", headers: ["accept": accept])
        #expect(response.headers["content-type"] == "\(chosen); charset=utf-8")
    }

    @Test(arguments: [
        ("application/json", 200), ("Application/JSON", 200), ("application/json; charset=utf-8", 200),
        ("application/json;charset=\"UTF-8\"", 200),
        ("application/json; charset=latin1", 415), ("text/json", 415), ("application/jsonp", 415),
        ("application/x-www-form-urlencoded", 415), ("", 415),
        ("application/json, application/json", 415),
    ])
    func `A body must say that it is JSON`(type: String, status: Int) async {
        let response = await service.ask(
            .post, "/v1/usage", token: "all", headers: ["content-type": type], body: "{\"user_id\":\"u\",\"amount\":5}")
        #expect(response.status == status)
    }

    @Test(arguments: [
        ("gzip", 415), ("br, identity", 415), ("x-gzip", 415), ("identity", 200), ("Identity , identity", 200), ("", 200),
    ])
    func `A body with a content coding is refused with the coding that is taken`(coding: String, status: Int) async {
        for (path, body) in [("/v1/usage", "{\"user_id\":\"u\",\"amount\":5}"), ("/v1/hook/s", "signed")] {
            let response = await service.ask(
                .post, path, token: "all", headers: ["content-type": "application/json", "content-encoding": coding], body: body)
            #expect(response.status == status, "\(path)")
            #expect(response.headers["accept-encoding"] == (status == 415 ? "identity" : nil))
        }
    }

    @Test func `A body without a type is 415, and a type without a body is malformed`() async {
        #expect(await service.ask(.post, "/v1/usage", token: "all", body: "{}").status == 415)
        #expect(await service.ask(.post, "/v1/usage", token: "all").json?["code"] == "malformed_json")
        #expect(await service.ask(.post, "/v1/usage", token: "all", headers: SampleService.json).json?["code"] == "malformed_json")
    }
}
