@testable import HTTP

extension RequestParser {
    /// Feeds bytes in pieces. Returns every action but `needMore`, in order, up to the first error that closes.
    mutating func feed(_ pieces: [ArraySlice<UInt8>]) -> [Action] {
        var actions: [Action] = []
        for piece in pieces {
            append(piece)
            while true {
                let action = next()
                if action == .needMore { break }
                actions.append(action)
                if phase == .stopped { return actions }
            }
        }
        return actions
    }

    mutating func feed(_ text: String) -> [Action] {
        feed([Array(text.utf8)[...]])
    }
}

func parse(_ text: String, limits: Limits = Limits()) -> [RequestParser.Action] {
    var parser = RequestParser(limits: limits)
    return parser.feed(text)
}

/// The first result of a whole input.
enum Outcome: Equatable {
    case request(Request)
    case error(RequestError)
    case unfinished

    init(_ bytes: [UInt8], limits: Limits = Limits()) {
        var parser = RequestParser(limits: limits)
        switch parser.feed([bytes[...]]).first {
        case .request(let request, _): self = .request(request)
        case .error(let error, _, _): self = .error(error)
        case .sendContinue, .needMore, nil: self = .unfinished
        }
    }

    init(_ text: String, limits: Limits = Limits()) {
        self.init(Array(text.utf8), limits: limits)
    }

    var isRequest: Bool {
        if case .request = self { true } else { false }
    }
}

extension RequestParser.Action {
    var request: Request? {
        if case .request(let request, _) = self { request } else { nil }
    }

    var context: ResponseContext? {
        switch self {
        case .request(_, let context), .error(_, let context, _): context
        case .needMore, .sendContinue: nil
        }
    }
}
