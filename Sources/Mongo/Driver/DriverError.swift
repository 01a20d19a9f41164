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
            // Nothing was sent. Running it again at once would only wait as long again.
            self.init(.unavailable, code: code, message, labels: labels.subtracting([.transientTransaction, .mayHaveHappened]))
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

    private static func message(of error: bson_error_t) -> String {
        // The message is NUL-terminated inside its fixed array.
        unsafe withUnsafeBytes(of: error.message) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
