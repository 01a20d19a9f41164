internal import BSON
internal import CMongoc

extension MongoError {
    /// Reads libmongoc's error (API version 2) and the reply that came with it.
    init(_ error: bson_error_t, reply: borrowing Reply) {
        let labels = reply.labels
        self.init(error, labels: labels, failures: reply.failures)
    }

    init(_ error: bson_error_t, labels: Labels = [], failures: [WriteFailure] = []) {
        let code = Int32(bitPattern: error.code)
        let message = Self.message(of: error)
        switch mongoc_error_domain_t(error.domain) {
        case MONGOC_ERROR_SERVER_SELECTION:
            self.init(unreached: message, code: code, labels)
        case MONGOC_ERROR_STREAM where Self.connectionCodes.contains(error.code):
            self.init(unreached: message, code: code, labels)
        case MONGOC_ERROR_STREAM:
            self.init(.unavailable, code: code, message, labels: labels.union(.mayHaveHappened))
        case MONGOC_ERROR_SERVER:
            self.init(ServerCode.kind(of: code), code: code, message, labels: labels, failures: failures)
        case MONGOC_ERROR_WRITE_CONCERN:
            self.init(ServerCode.kind(of: code), code: code, message, labels: labels.union(.mayHaveHappened), failures: failures)
        case MONGOC_ERROR_CURSOR:
            self.init(.cursorLost, code: code, message, labels: labels)
        case MONGOC_ERROR_CLIENT where error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue:
            self.init(.server, code: code, message)
        default:
            self.init(.misuse, code: code, message, labels: labels, failures: failures)
        }
    }

    /// Running it again at once would only wait as long again.
    private init(unreached message: String, code: Int32, _ labels: Labels) {
        let labels = labels.subtracting([.transientTransaction, .mayHaveHappened]).union(.unreached)
        self.init(.unavailable, code: code, message, labels: labels)
    }

    /// Of stream errors: those that come before a connection stands.
    private static let connectionCodes = [MONGOC_ERROR_STREAM_NAME_RESOLUTION.rawValue, MONGOC_ERROR_STREAM_CONNECT.rawValue]

    private static func message(of error: bson_error_t) -> String {
        // The message is NUL-terminated inside its fixed array.
        unsafe withUnsafeBytes(of: error.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// The server's error codes that callers tell apart (`src/mongo/base/error_codes.yml`).
package enum ServerCode {
    static let namespaceExists: Int32 = 48
    package static let notYetInitialized: Int32 = 94
    static let namespaceNotFound: Int32 = 26
    static let duplicateKeys: Set<Int32> = [11000, 11001, 12582]

    private static let kinds: [Int32: MongoError.Kind] = {
        var kinds: [Int32: MongoError.Kind] = [112: .writeConflict, 121: .validation]
        for code in duplicateKeys { kinds[code] = .duplicateKey }
        // CursorNotFound, QueryPlanKilled, CursorKilled
        for code: Int32 in [43, 175, 237] { kinds[code] = .cursorLost }
        // LockTimeout, MaxTimeMSExpired, WriteConcernFailed, NetworkInterfaceExceededTimeLimit, ExceededTimeLimit
        for code: Int32 in [24, 50, 64, 202, 262] { kinds[code] = .timeout }
        // ReadConcernMajorityNotAvailableYet, AtlasError, Interrupted, OutOfDiskSpace
        for code: Int32 in [134, 8000, 11601, 14031] { kinds[code] = .interrupted }
        // TransactionTooOld, SnapshotTooOld, SnapshotUnavailable, NoSuchTransaction, TransactionExceededLifetimeLimitSeconds
        for code: Int32 in [225, 239, 246, 251, 290] { kinds[code] = .transactionAborted }
        // HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown, SocketException, NotWritablePrimary,
        // InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary
        for code: Int32 in [6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436] { kinds[code] = .unavailable }
        return kinds
    }()

    static func kind(of code: Int32) -> MongoError.Kind { kinds[code] ?? .server }
}
