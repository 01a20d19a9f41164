internal import HTTPServer
internal import Metering
internal import Mongo
internal import MongoServer
internal import Service
internal import Store

/// The command line or a setting is wrong (exit code 2): a sentence, and a command that says more.
struct UsageError: Error, Equatable, CustomStringConvertible {
    let sentence: String
    /// A command to read on, such as `shopmeter export --help`.
    var hint: String?

    init(_ sentence: String, hint: String? = nil) {
        self.sentence = sentence
        self.hint = hint
    }

    var description: String { sentence + (hint.map { "\nSee: \($0)" } ?? "") }
}

/// A command could not do what it was asked (exit code 1): a sentence for whoever called it.
struct Failure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ sentence: String) { description = sentence }

    /// The sentence for an error of any room.
    init(_ error: any Error) {
        switch error {
        case let error as Failure: self = error
        case let error as ServiceError: description = Self.sentence(error)
        case let error as StoreError: description = "The database did not do it: \(error)"
        case let error as EmbeddedServerError where error.kind == .inUse:
            description = "The service does not start: \(error). Stop that one first, or give this one another --data-dir."
        case let error as EmbeddedServerError where error.kind == .absent:
            description =
                "T\(error.description.dropFirst()) (SHOPMETER_DATA_DIR). Only `shopmeter serve` makes one; go to the service's folder, or name its "
                + "--data-dir or --mongodb-uri."
        case let error as EmbeddedServerError where error.kind == .executable || error.kind == .notMongod:
            description =
                "The embedded mongod does not run: \(error) (SHOPMETER_MONGOD). Install MongoDB 6 or newer and name its mongod there, or name a "
                + "MongoDB that runs already (SHOPMETER_MONGODB_URI)."
        case let error as SchemaError: description = "\(error)"
        case let error as MongoError: description = "The database did not do it: \(error)"
        case let error as EmbeddedServerError: description = "The embedded mongod does not run: \(error)."
        case StartError.tooFewFiles: description = "\(error)"
        case let error as StartError: description = "\(error) The address is SHOPMETER_HOST and SHOPMETER_PORT (--host, --port)."
        default: description = "It failed: \(error)"
        }
    }

    /// A file's error in the words of the operating system, with a full stop.
    static func words(_ error: any Error) -> String { fileErrorText(error) + "." }

    private static func sentence(_ error: ServiceError) -> String {
        switch error {
        case .notFound(let sentence), .conflict(let sentence), .idempotencyConflict(let sentence), .invalidTransition(let sentence):
            sentence
        case .invalid(let field, let expected): "\(field): \(expected)."
        case .usage(.limitExceeded): "Too little is left of the allowance."
        case .usage(.totalTooLarge): "The account's total would be larger than \(Quantity.largest)."
        case .usage(.tooManyMeters): "The account has \(Account.maximumMeters) meters, the most there may be."
        case .priceMissing(let missing): "The model \(missing.model) has no price of \(missing.kind)."
        case .insufficientBalance: "No wallet has what is needed."
        case .overloaded: "The database has too much to do; try again."
        case .contended: "Another change of the same data took too long; try again."
        case .tooMuch(let sentence): sentence
        case .rateLimited, .tooManyReads: "Too many requests were made; try again."
        case .databaseUnavailable: "The database cannot be reached."
        case .unauthorized: "The credential is not valid."
        case .fault(let reason): "It failed by a fault of ours: \(reason)"
        }
    }
}
