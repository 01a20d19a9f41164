package import HTTP
import JSON
import Synchronization

/// Takes a request through the checks of its route, in this order: 404, 405, 401, 403, 429, 406, 415, 400, 422; then to its handler.
package struct Dispatcher<Access: AccessRule>: Sendable {
    /// Finds out whose a bearer token is; nil when it is nobody's. Throws when that cannot be found out.
    package typealias Authenticate = @Sendable (_ token: String, _ remote: String?) async throws -> Access.Credential?
    /// Told of every error that the client sees only as a bare 500.
    package typealias Report = @Sendable (_ error: any Error, _ requestID: String) -> Void

    /// Runs the rest of a request, whose caller is known and may call the route; throws in its place when it is not let in.
    package typealias Enter =
        @Sendable (
            _ credential: Access.Credential, _ route: Route<Access>, _ rest: @escaping @Sendable () async throws -> Response
        ) async throws -> Response

    /// What is left to do of a request, once its route is found.
    package typealias Work = @Sendable () async throws -> Response

    /// Starts the work of a request in a task, which may run on the thread of its connection, and has `answer` called once: with an error when the
    /// work takes longer than the route's patience.
    package typealias Run =
        @Sendable (
            _ request: Request, _ route: Route<Access>, _ thread: (any TaskExecutor)?, _ work: @escaping Work,
            _ answer: @escaping @Sendable (Result<Response, any Error>) -> Void
        ) -> Void

    private let table: RouteTable<Access>
    private let run: Run
    private let authenticate: Authenticate
    private let enter: Enter
    private let report: Report
    private let requestIDs: RequestIDs

    /// `requestID` is the form of an `X-Request-Id`.
    package init(
        table: RouteTable<Access>, requestID: TextFormat, run: @escaping Run = Self.start, authenticate: @escaping Authenticate,
        enter: @escaping Enter = { try await $2() }, report: @escaping Report
    ) {
        self.table = table
        self.run = run
        self.authenticate = authenticate
        self.enter = enter
        self.report = report
        requestIDs = RequestIDs(format: requestID)
    }

    /// Has a request answered, at once or later. It never fails: a failure is an answer too. A HEAD has the answer of its GET, whose body the
    /// encoder leaves out.
    /// - Parameter thread: runs tasks on the thread of the request's connection, for requests that are brief.
    /// - Returns: how long the answer may take.
    package func handle(
        _ request: Request, on thread: (any TaskExecutor)? = nil, answer: @escaping @Sendable (Handled) -> Void
    ) -> Duration {
        let requestID = requestIDs.id(given: request.headers["x-request-id"])
        if request.method == .options, let options = options(of: request.path, requestID) {
            answer(options)
            return Patience.standard
        }
        do throws(Problem) {
            let (prepared, path) = try route(for: request)
            if prepared.route.access.isOpen, let immediate = prepared.route.immediate {
                let arguments = RequestArguments(path: path, query: request.query)
                let result = Result { try immediate(call(request, of: prepared, arguments, credential: nil, requestID: requestID)) }
                answer(handled(result, requestID, prepared.route.pattern))
                return prepared.route.patience
            }
            let caller = Caller<Access.Credential>()
            run(request, prepared.route, thread) {
                try await self.answer(to: request, of: prepared, path: path, by: caller, requestID: requestID)
            } _: {
                answer(handled($0, requestID, prepared.route.pattern, by: caller.credential))
            }
            return prepared.route.patience
        } catch {
            answer(handled(.failure(error), requestID, nil))
            return Patience.standard
        }
    }

    /// Answers a request that came on no connection.
    package func handle(_ request: Request) async -> Handled {
        await withCheckedContinuation { continuation in
            _ = handle(request) { continuation.resume(returning: $0) }
        }
    }

    /// Starts work that may take as long as it takes.
    package static func start(
        _: Request, _: Route<Access>, on thread: (any TaskExecutor)?, _ work: @escaping Work,
        _ answer: @escaping @Sendable (Result<Response, any Error>) -> Void
    ) {
        Task(executorPreference: thread) {
            do { answer(.success(try await work())) } catch { answer(.failure(error)) }
        }
    }

    private func handled(
        _ result: Result<Response, any Error>, _ requestID: String, _ pattern: String?, by credential: Access.Credential? = nil
    ) -> Handled {
        do {
            var response = try result.get()
            if !response.headers.has("x-request-id") { response.headers.add("x-request-id", requestID) }
            return Handled(requestID: requestID, pattern: pattern, credential: credential, problem: nil, response: response)
        } catch {
            let problem = Problem(error)
            if problem.code == .internal { report(error, requestID) }
            return Handled(
                requestID: requestID, pattern: pattern, credential: credential, problem: problem.code,
                response: problem.response(requestID: requestID))
        }
    }

    /// Answers what the HTTP layer refused before there was a request; `headers` are those read until then.
    package func handle(_ error: RequestError, headers: Headers) -> Handled {
        let requestID = requestIDs.id(given: headers["x-request-id"])
        let problem = Problem(error)
        return Handled(
            requestID: requestID, pattern: nil, credential: nil, problem: problem.code, response: problem.response(requestID: requestID))
    }

    private func answer(
        to request: Request, of prepared: PreparedRoute<Access>, path: [String: String], by caller: Caller<Access.Credential>,
        requestID: String
    ) async throws -> Response {
        var arguments = RequestArguments(path: path, query: request.query)
        guard let credential = try await credential(for: prepared.route.access, request, noting: caller) else {
            return try await answer(to: request, of: prepared, arguments, credential: nil, requestID: requestID)
        }
        try prepared.route.access.confine(&arguments, to: credential)
        return try await enter(credential, prepared.route) { [arguments] in
            try await answer(to: request, of: prepared, arguments, credential: credential, requestID: requestID)
        }
    }

    /// Checks what was sent, and has it handled.
    private func answer(
        to request: Request, of prepared: PreparedRoute<Access>, _ arguments: RequestArguments, credential: Access.Credential?,
        requestID: String
    ) async throws -> Response {
        var response = try await prepared.route.handle(
            call(request, of: prepared, arguments, credential: credential, requestID: requestID))
        response.isForKnownCaller = credential != nil
        return response
    }

    /// Checks what was sent.
    private func call(
        _ request: Request, of prepared: PreparedRoute<Access>, _ arguments: RequestArguments, credential: Access.Credential?,
        requestID: String
    ) throws -> Call<Access> {
        let route = prepared.route
        let mediaType = try prepared.mediaType(for: request)
        var body = try route.body.read(from: request)
        var errors: [FieldError] = []
        let parameters = arguments.values(for: prepared, errors: &errors)
        if let objection = route.idempotency?.objection(to: request) { errors.append(objection) }
        errors += route.body.schema?.read(&body) ?? []
        guard errors.isEmpty else { throw Problem.invalid(errors) }
        return Call(
            requestID: requestID, request: request, credential: credential, parameters: parameters, body: body, mediaType: mediaType)
    }

    /// The answer to `OPTIONS`, which asks for the methods of a path, or of the server as a whole by `*`, which is an empty path here (RFC 9110,
    /// 9.3.7). Nil for a path that there is not, and where a route takes `OPTIONS` itself.
    private func options(of path: [String], _ requestID: String) -> Handled? {
        var methods = table.methods
        if !path.isEmpty {
            guard case .methodNotAllowed(let allow) = table.match(.options, path) else { return nil }
            methods = allow.map(\.name) + [Request.Method.options.name]
        }
        let headers = Headers(["allow": methods.joined(separator: ", "), "x-request-id": requestID])
        return Handled(
            requestID: requestID, pattern: path.isEmpty ? "*" : nil, credential: nil, problem: nil,
            response: Response(status: 204, headers: headers))
    }

    private func route(for request: Request) throws(Problem) -> (PreparedRoute<Access>, [String: String]) {
        switch table.match(request.method, request.path) {
        case .found(let prepared, let parameters): return (prepared, parameters)
        case .notFound: throw Problem(.notFound, "there is no such path")
        case .methodNotAllowed(let allow):
            let tokens = allow.map(\.name).joined(separator: ", ")
            throw Problem(.methodNotAllowed, "this path takes \(tokens)", headers: Headers(["allow": tokens]))
        }
    }

    private func credential(
        for access: Access, _ request: Request, noting caller: Caller<Access.Credential>
    ) async throws -> Access.Credential? {
        if access.isOpen { return nil }
        // One answer, whatever is wrong: a caller who tries tokens learns nothing.
        guard let token = BearerToken.token(in: request.headers), let credential = try await authenticate(token, request.remote) else {
            throw Problem(.unauthorized, "the request needs one header, Authorization: Bearer with a token that is valid")
        }
        caller.credential = credential
        try access.check(credential)
        return credential
    }
}

extension Dispatcher {
    /// A response, with what a log says of its request.
    package struct Handled: Sendable {
        package let requestID: String
        /// The pattern of the request's route; nil when it found none.
        package let pattern: String?
        /// Who called; nil where that was not asked, or not found out.
        package let credential: Access.Credential?
        /// Nil for an answer that is no problem.
        package let problem: ProblemCode?
        package let response: Response
    }
}

/// Who calls, once that is known.
private final class Caller<Credential: Sendable>: Sendable {
    private let found = Mutex<Credential?>(nil)

    var credential: Credential? {
        get { found.withLock { $0 } }
        set { found.withLock { $0 = newValue } }
    }
}

/// Names requests in logs and answers.
private final class RequestIDs: Sendable {
    /// Tells this process from every other one. Ids are no secret.
    private let prefix = String(UInt64.random(in: .min ... .max), radix: 36)
    private let count = Atomic<UInt64>(0)
    private let format: TextFormat

    init(format: TextFormat) { self.format = format }

    /// The caller's `X-Request-Id` when it has the format, else a new id.
    func id(given: String?) -> String {
        if let given, format.accepts(given) { return given }
        let number = count.add(1, ordering: .relaxed).newValue
        return "\(prefix)-\(String(number, radix: 36))"
    }
}
