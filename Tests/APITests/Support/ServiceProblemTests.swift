import HTTP
import JSON
import Metering
import Service
import Testing
import Web

@testable import API

struct ServiceProblemTests {
    private static let table: [(error: ServiceError, status: Int, code: ProblemCode)] = [
        (.unauthorized, 401, .unauthorized), (.notFound("x"), 404, .notFound), (.conflict("x"), 409, .conflict),
        (.idempotencyConflict("x"), 409, .idempotencyConflict), (.invalidTransition("x"), 409, .invalidTransition),
        (.invalid(field: "f", expected: "x"), 422, .invalidRequest), (.usage(.totalTooLarge), 422, .invalidRequest),
        (.usage(.limitExceeded(meter: .tokens, limit: 4, current: 3, requested: 2, available: 1)), 402, .usageLimitExceeded),
        (.overloaded, 503, .overloaded), (.contended, 503, .overloaded), (.databaseUnavailable, 503, .databaseUnavailable),
        (.fault("x"), 500, .internal),
    ]

    @Test func `Each refusal of a use case has its problem`() {
        for (error, status, code) in Self.table {
            let problem = Problem(error)
            #expect(problem.status == status && problem.code == code, "\(error)")
            let headers = problem.response(requestID: "r").headers
            #expect((headers["retry-after"] == "1") == (status == 503), "\(error)")
            #expect((headers["www-authenticate"] == "Bearer") == (status == 401), "\(error)")
        }
    }

    @Test func `A refusal names its field, and an exceeded limit its numbers`() {
        #expect(Problem(ServiceError.invalid(field: "f", expected: "x")).errors == [FieldError(field: "f", message: "x")])
        #expect(Problem(ServiceError.usage(.totalTooLarge)).errors.map(\.field) == ["amount"])
        let exceeded = Problem(
            ServiceError.usage(.limitExceeded(meter: .tokens, limit: 4, current: 3, requested: 2, available: 1)))
        #expect(exceeded.members == ["meter": "tokens", "limit": 4, "current": 3, "requested": 2, "available": 1])
    }
}
