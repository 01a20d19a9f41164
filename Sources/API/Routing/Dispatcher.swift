package import HTTP
import HTTPServer
internal import JSON
package import Service

/// Takes a request through the checks of its route, in this order: 404, 405, 401, 403, 406, 415, 400, 422; then to its handler.
package struct Dispatcher: Sendable {
    /// Who a bearer token is; nil when it is nobody's. Throws when that cannot be found out.
    package typealias Authenticate = @Sendable (_ token: String) async throws -> Credential?
    /// Told of every error that the client sees only as a bare 500.
    package typealias Report = @Sendable (_ error: any Error, _ requestID: String) -> Void

    private let table: RouteTable
    private let authenticate: Authenticate
    private let report: Report
    private let requestIDs = RequestIDs()

    package init(table: RouteTable, authenticate: @escaping Authenticate, report: @escaping Report) {
        self.table = table
        self.authenticate = authenticate
        self.report = report
    }

    /// Never throws: a failure is an answer too. A HEAD has the answer of its GET, whose body the encoder leaves out.
    package func respond(to request: Request) async -> Response {
        await handled(request).response
    }

    /// The answer, with what a log says of it.
    func handled(_ request: Request) async -> Handled {
        let requestID = requestIDs.id(given: request.headers["x-request-id"])
        var pattern: String?
        do {
            let (prepared, path) = try route(for: request)
            pattern = prepared.route.pattern
            var response = try await answer(to: request, of: prepared, path: path, requestID: requestID)
            if response.headers["x-request-id"] == nil { response.headers.add("x-request-id", requestID) }
            return Handled(requestID: requestID, pattern: pattern, response: response)
        } catch {
            let problem = Problem(error)
            if problem.code == .internal { report(error, requestID) }
            return Handled(requestID: requestID, pattern: pattern, response: problem.response(requestID: requestID))
        }
    }

    /// The answer to what the HTTP layer refused before there was a request.
    package func refuse(_ refusal: RequestError, headers: Headers) -> Response {
        handled(refusal, headers: headers).response
    }

    /// The same, with what a log says of it.
    func handled(_ refusal: RequestError, headers: Headers) -> Handled {
        let requestID = requestIDs.id(given: headers["x-request-id"])
        return Handled(requestID: requestID, pattern: nil, response: Problem(refusal).response(requestID: requestID))
    }

    private func answer(
        to request: Request, of prepared: PreparedRoute, path: [String: String], requestID: String
    ) async throws -> Response {
        let route = prepared.route
        var arguments = RequestArguments(path: path, query: request.query)
        let credential = try await credential(for: route.access, request)
        try EndUserRule.apply(to: &arguments, of: prepared, for: credential)
        let mediaType = try Self.mediaType(for: request, of: prepared)
        let body = try route.body.read(from: request)
        var errors: [FieldError] = []
        let parameters = arguments.values(for: prepared, errors: &errors)
        errors += route.body.validate(body)
        guard errors.isEmpty else { throw Problem.invalid(errors) }
        return try await route.handle(
            Call(
                requestID: requestID, request: request, credential: credential, parameters: parameters, body: body, mediaType: mediaType))
    }

    private func route(for request: Request) throws(Problem) -> (PreparedRoute, [String: String]) {
        switch table.match(request.method, request.path) {
        case .found(let prepared, let parameters): return (prepared, parameters)
        case .notFound: throw Problem(.notFound, "there is no such path")
        case .methodNotAllowed(let allow):
            let tokens = allow.map(\.name).joined(separator: ", ")
            throw Problem(.methodNotAllowed, "this path takes \(tokens)", headers: Headers(["allow": tokens]))
        }
    }

    private func credential(for access: Access, _ request: Request) async throws -> Credential? {
        if access.isOpen { return nil }
        // One answer, whatever is wrong: who tries tokens learns nothing.
        guard let token = BearerToken.token(in: request.headers), let credential = try await authenticate(token) else {
            throw Problem(.unauthorized, "the request needs one header, Authorization: Bearer with a token that is valid")
        }
        try access.check(credential)
        return credential
    }

    private static func mediaType(for request: Request, of prepared: PreparedRoute) throws(Problem) -> String {
        let fields = request.headers.values(of: "accept")
        if fields.isEmpty || fields == ["*/*"] || fields == [MediaType.json] && prepared.mediaTypes[0] == MediaType.json {
            return prepared.mediaTypes[0]
        }
        let acceptance = AcceptHeader(fields)
        if let preferred = acceptance.preferred(among: prepared.mediaTypes) { return preferred }
        guard acceptance.quality(of: Problem.mediaType) > 0 else {
            throw Problem(.notAcceptable, "this answers in \(prepared.mediaTypes.joined(separator: ", "))")
        }
        return prepared.mediaTypes[0]
    }
}

/// A request's name, the pattern of its route, nil when it found none, and its answer.
struct Handled: Sendable {
    let requestID: String
    let pattern: String?
    let response: Response
}
