import HTTP
import JSON
import Synchronization
import Testing

@testable import Web

struct DispatcherTests {
    private let service: SampleService

    init() throws { service = try SampleService() }

    @Test func `A request that passes every check reaches its handler with what it gave`() async throws {
        let response = await service.ask(
            .post, "/v1/usage", token: "all", headers: SampleService.json, body: "{\"user_id\":\"u\",\"amount\":5}")
        #expect(response.status == 200 && response.headers["content-type"] == "application/json")
        let json = try #require(response.json)
        #expect(json == ["parameters": [:], "body": ["user_id": "u", "amount": 5], "as": "acme"])
        #expect(SampleRoutes.answer.validate(json).isEmpty)
    }

    @Test func `Values of the URL come typed and with their defaults`() async {
        let response = await service.ask(.get, "/v1/usage/u9", query: [("history", "true")], token: "reader")
        #expect(response.json?["parameters"] == ["user_id": "u9", "history": true, "amount": 1])
        let other = await service.ask(.get, "/v1/usage/u9", query: [("amount", "10")], token: "reader")
        #expect(other.json?["parameters"] == ["user_id": "u9", "amount": 10])
    }

    @Test func `An Idempotency-Key is refused where it does not count`() async {
        let key: KeyValuePairs = ["Content-Type": "application/json", "Idempotency-Key": "k"]
        for (path, body) in [("/v1/admin/shops", "{\"user_id\":\"u\",\"amount\":5}"), ("/v1/close", "{}")] {
            let refused = await service.ask(
                .post, path, token: path.contains("admin") ? "root" : "all", headers: key, body: body)
            #expect(refused.status == 422 && refused.json?["errors"]?.array?.first?["field"] == "Idempotency-Key", "\(path)")
        }
        #expect(await service.ask(.post, "/v1/hook/s", headers: key, body: "x").status == 422)
        let taken = await service.ask(
            .post, "/v1/usage", token: "all", headers: key, body: "{\"user_id\":\"u\",\"amount\":5}")
        #expect(taken.status == 200)
        #expect(await service.ask(.get, "/v1/usage/u9", token: "reader", headers: key).status == 200)
    }

    @Test func `A caller is known whose credential was valid, and nobody else`() async {
        #expect(await service.ask(.get, "/v1/usage/u9", token: "reader").isForKnownCaller)
        #expect(await !service.ask(.get, "/v1/usage/u9", token: "nobody").isForKnownCaller)
        #expect(await !service.ask(.get, "/v1/usage/u9").isForKnownCaller)
        #expect(await !service.ask(.get, "/healthz", token: "reader").isForKnownCaller)
        #expect(await !service.ask(.get, "/no", token: "reader").isForKnownCaller)
    }

    @Test func `A literal segment goes before a parameter`() async {
        let response = await service.ask(.get, "/v1/usage/batch", token: "reader")
        #expect(response.json?["parameters"] == [:])
    }

    @Test func `OPTIONS of the server as a whole is answered with what it takes, and of a path is not there`() async {
        let whole = await service.ask(.options, "")
        #expect(whole.status == 204 && whole.headers["x-request-id"] != nil)
        #expect(whole.headers["allow"]?.contains("GET, HEAD, OPTIONS, POST") == true)
        let one = await service.ask(.options, "/healthz")
        #expect(one.status == 204 && one.headers["allow"] == "GET, HEAD, OPTIONS")
        #expect(await service.ask(.options, "/no").status == 404)
        #expect(await service.ask(.get, "").status == 404)
    }

    @Test(arguments: [
        (RequestError.Kind.malformed, 400), (.targetTooLong, 414), (.headersTooLarge, 431), (.timedOut, 408), (.bodyTooLarge, 413),
        (.overloaded, 503),
    ])
    func `What the HTTP layer refuses is a problem with its status`(kind: RequestError.Kind, status: Int) {
        let response = service.dispatcher.refuse(RequestError(kind, "It is wrong.", ""), headers: Headers())
        #expect(response.status == status && response.json?["status"] == JSON(status) && response.json?["detail"] != nil)
    }

    @Test func `HEAD is answered like GET`() async {
        #expect(await service.ask(.head, "/healthz").status == 200)
        #expect(await service.ask(.head, "/v1/usage/u1").status == 401)
    }

    @Test(arguments: ["/", "/v1", "/v1/usage/u1/x", "/v1/Usage", "/v1/usage/u1/", "/openapi"])
    func `A path that is not there is 404, with a credential or without`(path: String) async {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let response = await service.dispatcher.respond(to: Request(method: .get, path: segments))
        #expect(response.status == 404 && response.json?["code"] == "not_found")
    }

    @Test func `Another method is 405 with what the path takes`() async {
        let response = await service.ask(.delete, "/v1/usage/u1")
        #expect(response.status == 405 && response.headers["allow"] == "GET, HEAD")
        #expect(await service.ask(.options, "/v1/usage").headers["allow"] == "POST, OPTIONS")
        #expect(await service.ask(.other("BREW"), "/v1/usage").status == 405)
    }

    @Test func `The caller's id of the request comes back when it is one`() async throws {
        #expect(await service.ask(.get, "/healthz", headers: ["X-Request-Id": "abc-1"]).headers.values(of: "x-request-id") == ["abc-1"])
        #expect(await service.ask(.get, "/nowhere", headers: ["X-Request-Id": "abc-2"]).json?["request_id"] == "abc-2")
        let long = String(repeating: "a", count: 129)
        let made = try #require(await service.ask(.get, "/healthz", headers: ["X-Request-Id": long]).headers["x-request-id"])
        let next = try #require(await service.ask(.get, "/healthz", headers: ["X-Request-Id": "a b"]).headers["x-request-id"])
        #expect(made != next && TextFormat.identifier.accepts(made) && TextFormat.identifier.accepts(next))
    }

    @Test func `A failure that nobody foresaw is reported here and is bare outside`() async {
        let response = await service.ask(.get, "/fails", headers: ["x-request-id": "r7"])
        #expect(response.status == 500 && response.json?["code"] == "internal" && response.json?["detail"] == nil)
        #expect(service.reports.ids.withLock { $0 } == ["r7"])
        _ = await service.ask(.get, "/nowhere")
        #expect(service.reports.ids.withLock { $0.count } == 1)
    }

    @Test func `What the protocol refuses is answered as a problem with an id, the caller's if there is one`() {
        let refusal = RequestError(.malformed, "The headers are too long.", "RFC 9110, 5.4")
        let response = service.dispatcher.refuse(refusal, headers: Headers(["x-request-id": "r9"]))
        #expect(response.status == 400 && response.json?["request_id"] == "r9")
        #expect(service.dispatcher.refuse(refusal, headers: Headers()).headers["x-request-id"] != nil)
    }
}
