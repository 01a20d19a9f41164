internal import Service

extension Problem {
    /// What an error of a handler means to the client; anything unforeseen is a bare 500.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as ServiceError: self.init(error)
        case let error as JSON.SyntaxError: self.init(.malformedJSON, "\(error.message), at byte \(error.offset)")
        case is CancellationError: self.init(.overloaded, "the request was given up before it was done")
        default: self.init(.internal)
        }
    }

    /// What the HTTP layer refused before there was a request: a status and a sentence.
    package init(refusal status: Int, detail: String) {
        switch status {
        case 413: self.init(.bodyTooLarge, detail)
        case 415: self.init(.unsupportedMediaType, detail)
        case 429: self.init(.rateLimited, detail)
        case 503: self.init(.overloaded, detail)
        case 400..<500, 501, 505: self.init(.malformedRequest, detail, status: status)
        default: self.init(.internal)
        }
    }
}
