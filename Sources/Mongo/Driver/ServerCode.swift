/// The server's codes that matter here (`src/mongo/base/error_codes.yml`).
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
        // TransactionTooOld, SnapshotTooOld, SnapshotUnavailable, NoSuchTransaction
        for code: Int32 in [225, 239, 246, 251] { kinds[code] = .transactionAborted }
        // HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown, SocketException, NotWritablePrimary,
        // InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary
        for code: Int32 in [6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436] { kinds[code] = .unavailable }
        return kinds
    }()

    static func kind(of code: Int32) -> MongoError.Kind { kinds[code] ?? .server }
}
