package import HTTP
internal import JSON
internal import Service

extension Problem {
    /// What an error of a handler means to the client; anything unforeseen is a bare 500.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as ServiceError: self.init(service: error)
        case let refusal as RequestError: self.init(refusal)
        case let error as JSON.SyntaxError: self.init(.malformedJSON, "\(error.message), at byte \(error.offset)")
        case is CancellationError: self.init(.overloaded, "the request was given up before it was done")
        default: self.init(.internal)
        }
    }

    /// What the HTTP layer refused before there was a request.
    package init(_ refusal: RequestError) {
        switch refusal.kind {
        case .malformed, .timedOut: self.init(.malformedRequest, refusal.detail, status: refusal.status)
        case .bodyTooLarge: self.init(.bodyTooLarge, refusal.detail)
        case .overloaded: self.init(.overloaded, refusal.detail)
        }
    }
}
