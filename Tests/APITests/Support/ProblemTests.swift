import HTTP
import JSON
import Testing
import Web

@testable import API

extension Response {
    /// The body as JSON; nil when it is none.
    var json: JSON? {
        guard case .bytes(let bytes) = body else { return nil }
        return try? JSON(parsing: bytes)
    }
}

struct ProblemTests {
    @Test(arguments: ProblemCode.all)
    func `Every code is a problem of its status`(code: ProblemCode) throws {
        let response = Problem(code, "because").response(requestID: "r-1")
        let json = try #require(response.json)
        #expect(response.status == code.status)
        #expect(response.headers["content-type"] == "application/problem+json")
        #expect(response.headers["x-request-id"] == "r-1")
        #expect(json["type"] == .string("urn:shopmeter:problem:\(code.rawValue)"))
        #expect(json["code"] == .string(code.rawValue) && json["status"] == JSON(code.status) && json["request_id"] == "r-1")
        #expect(json["detail"] == "because" && json["title"] == .string(code.title))
        #expect(Problem.schema.validate(json).isEmpty)
        #expect((response.headers["retry-after"] != nil) == [429, 503].contains(code.status))
        #expect((response.headers["www-authenticate"] == "Bearer") == (code.status == 401))
    }

    @Test func `Members are added and do not replace the standard ones`() throws {
        let problem = Problem(.usageLimitExceeded, members: ["limit": 10, "status": 200, "meter": "tokens"])
        let json = problem.json(requestID: "r")
        #expect(json["limit"] == 10 && json["status"] == 402 && json["meter"] == "tokens" && json["detail"] == nil)
    }

    @Test func `A given time to try again stands`() {
        #expect(Problem.overloaded(retryAfter: 7).response(requestID: "r").headers.values(of: "retry-after") == ["7"])
    }

    @Test func `What was not foreseen says nothing of the inside`() throws {
        struct Secret: Error { let password = "hunter2" }
        let response = Problem(Secret()).response(requestID: "r")
        #expect(response.status == 500)
        #expect(response.json?.description.contains("hunter2") == false && response.json?["detail"] == nil)
        #expect(Problem(WrongRead(what: "x")).code == .internal)
    }

    @Test func `An error of syntax says where`() {
        let problem = Problem(JSON.SyntaxError(offset: 12, message: "expected :"))
        #expect(problem.code == .malformedJSON && problem.detail == "expected :, at byte 12")
    }

    @Test(
        arguments: [
            (.malformed, "malformed_request", 400), (.timedOut, "malformed_request", 408), (.bodyTooLarge, "body_too_large", 413),
            (.overloaded, "overloaded", 503),
        ] as [(RequestError.Kind, String, Int)])
    func `A refusal of the protocol is a problem too`(kind: RequestError.Kind, code: String, status: Int) {
        let response = Problem(RequestError(kind, "Too much.", "RFC 9110")).response(requestID: "r")
        #expect(response.status == status && response.json?["status"] == JSON(status))
        #expect(response.json?["code"] == .string(code) && response.json?["detail"] == "Too much.")
    }
}
