import HTTP
import JSON
import Metering
import Testing
import Web

@testable import API

struct AccessTests {
    private let service: AccessSample

    init() throws { service = try AccessSample() }

    @Test(arguments: [nil, "nobody", "", "a b", "tok\u{E9}n"] as [String?])
    func `No token, or not a known one, is 401`(token: String?) async {
        let response = await service.ask(.post, "/v1/usage", token: token)
        #expect(response.status == 401 && response.headers["www-authenticate"] == "Bearer" && response.json?["code"] == "unauthorized")
    }

    @Test(arguments: ["Basic YWxs", "all", "Bearer", "Bearerall", "Bearer  all", "Bearer all x"])
    func `Another form of credential is 401`(value: String) async {
        #expect(await service.ask(.get, "/v1/usage/u1", headers: ["authorization": value]).status == 401)
    }

    @Test func `The scheme has no case, and two credentials are none`() async {
        #expect(await service.ask(.get, "/v1/usage/u1", headers: ["authorization": "bEARER all"]).status == 200)
        #expect(await service.ask(.get, "/v1/usage/u1", token: "all", headers: ["authorization": "Bearer all"]).status == 401)
    }

    @Test func `When credentials cannot be looked up, it is not the caller's fault`() async {
        let response = await service.ask(.get, "/v1/usage/u1", token: "broken")
        #expect(response.status == 503 && response.headers["retry-after"] != nil)
    }

    @Test(arguments: [
        ("root", Request.Method.post, "/v1/usage"), ("reader", .post, "/v1/usage"), ("user", .post, "/v1/usage"),
        ("all", .post, "/v1/admin/shops"),
        ("user", .post, "/v1/admin/shops"), ("user", .get, "/v1/usage/u2"), ("user", .get, "/v1/usage/batch"),
        ("root", .get, "/v1/usage/u1"),
    ])
    func `A credential that does not allow it is 403, before the body is looked at`(token: String, method: Request.Method, path: String)
        async
    {
        let response = await service.ask(method, path, token: token, headers: ["accept": "image/png"], body: "{")
        #expect(response.status == 403 && response.json?["code"] == "forbidden")
    }

    @Test func `An end user reads what is its own and defaults to it`() async {
        #expect(await service.ask(.get, "/v1/usage/u1", token: "user").json?["as"] == "acme/u1")
        #expect(await service.ask(.get, "/v1/holds", query: [("state", "open")], token: "user").json?["parameters"]?["user_id"] == "u1")
        #expect(await service.ask(.get, "/v1/holds", query: [("state", "open"), ("user_id", "u1")], token: "user").status == 200)
        #expect(await service.ask(.get, "/v1/holds", query: [("state", "open"), ("user_id", "u2")], token: "user").status == 403)
        #expect(await service.ask(.get, "/v1/holds", query: [("user_id", "u1"), ("user_id", "u2")], token: "user").status == 403)
        #expect(await service.ask(.get, "/v1/holds", query: [("state", "open")], token: "reader").json?["parameters"]?["user_id"] == nil)
    }

    @Test func `A route that admits end users without saying whose data it shows is refused`() {
        #expect(throws: RouteMistake.self) { try RouteTable([AccessSample.route(.get, "/v1/a", .shop(.read, endUser: true))]) }
        #expect(throws: RouteMistake.self) {
            try RouteTable([AccessSample.route(.post, "/v1/a/{user_id}", .shop(.usage, endUser: true), [.path("user_id")])])
        }
    }

    @Test func `The document names the scope of a key, and that an end user may call`() {
        #expect(Access.shop(.usage).security == [["api_key": ["usage"]]])
        #expect(Access.shop(.read, endUser: true).security == [["api_key": ["read"]], ["end_user": []]])
        #expect(Access.open.security == [])
    }
}
