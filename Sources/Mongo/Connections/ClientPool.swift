internal import CMongoc
internal import Dispatch
internal import Synchronization

/// libmongoc's pool of clients, each lent to one thread at a time. After the loss of a server libmongoc replaces its connections itself.
@safe final class ClientPool: Sendable {
    // mongoc_client_pool_t takes calls from any thread; it is never replaced before it is destroyed.
    private nonisolated(unsafe) let pool: OpaquePointer
    /// It lives as long as the pool, to whose clients it is known.
    private let monitor: CommandMonitor?
    private let isClosed = Mutex(false)
    private let isDestroyed = Mutex(false)
    private let lent = DispatchGroup()

    init(uri text: String, appName: String, options: DatabaseOptions) throws(MongoError) {
        Driver.start(log: options.log)
        // libmongoc's own words quote the text, and with it a password.
        guard let uri = unsafe Driver.silently({ unsafe mongoc_uri_new(text) }) else {
            throw MongoError(.misuse, "the connection string is none: expected \(ConnectionString.expectation)")
        }
        defer { unsafe mongoc_uri_destroy(uri) }
        unsafe options.apply(to: uri)
        unsafe mongoc_uri_set_appname(uri, appName)
        var error = bson_error_t()
        guard let pool = unsafe mongoc_client_pool_new_with_error(uri, &error) else { throw MongoError(error) }
        unsafe self.pool = pool
        monitor = options.onCommand.map(CommandMonitor.init)
        unsafe monitor?.watch(pool)
        unsafe mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2)
    }

    deinit {
        // Every loan keeps this object alive: so all clients are back.
        destroy()
    }

    /// Lends a client for the length of the call. Throws `.overloaded` when none became free in time.
    func withClient<R>(_ body: (OpaquePointer) throws -> R) throws -> R {
        try isClosed.withLock { closed throws(MongoError) in
            guard !closed else { throw MongoError(.unavailable, "the database is shut down") }
            lent.enter()
        }
        defer { lent.leave() }
        guard let client = unsafe mongoc_client_pool_pop(pool) else {
            throw MongoError(.overloaded, "every connection is in use")
        }
        defer { unsafe mongoc_client_pool_push(pool, client) }
        return try unsafe body(client)
    }

    /// Refuses new loans, waits for the end of those that are open, and has the pool destroyed.
    func close() {
        isClosed.withLock { $0 = true }
        lent.wait()
        destroy()
    }

    /// To be called once all clients are back. Destroying waits for libmongoc's monitors, up to half a second: on a thread of its own, for which
    /// `Driver.settle` waits.
    private func destroy() {
        let isFirst = isDestroyed.withLock { isDestroyed in
            defer { isDestroyed = true }
            return !isDestroyed
        }
        guard isFirst else { return }
        // `self` cannot be captured in `deinit`. The pool may be destroyed on any thread, and this is the pointer's last use: all clients are back,
        // none is lent any more, and only the first call comes here.
        nonisolated(unsafe) let pool = unsafe pool
        Driver.finishing { [monitor] in
            unsafe mongoc_client_pool_destroy(pool)
            // Destroying the pool ends sessions by commands, of which the monitor is told.
            withExtendedLifetime(monitor) {}
        }
    }
}

extension DatabaseOptions {
    /// Sets on a `mongoc_uri_t` what every client of the pool inherits.
    @unsafe fileprivate func apply(to uri: OpaquePointer) {
        let limits: [(String, Duration)] = [
            (MONGOC_URI_SERVERSELECTIONTIMEOUTMS, selection), (MONGOC_URI_CONNECTTIMEOUTMS, connect),
            (MONGOC_URI_SOCKETTIMEOUTMS, socket), (MONGOC_URI_HEARTBEATFREQUENCYMS, heartbeat),
        ]
        for (name, limit) in limits where unsafe !mongoc_uri_has_option(uri, name) {
            unsafe mongoc_uri_set_option_as_int32(uri, name, limit.milliseconds)
        }
        unsafe mongoc_uri_set_option_as_int32(uri, MONGOC_URI_WAITQUEUETIMEOUTMS, waitForConnection.milliseconds)
        unsafe mongoc_uri_set_option_as_int32(uri, MONGOC_URI_MAXPOOLSIZE, Int32(clamping: threads + urgentThreads + ownThreads))
        unsafe mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, true)
        unsafe mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, true)
        unsafe applyConcerns(to: uri)
    }

    @unsafe private func applyConcerns(to uri: OpaquePointer) {
        let concerns = Concerns(writeTimeout: writeConcern)
        unsafe mongoc_uri_set_write_concern(uri, concerns.write)
        unsafe mongoc_uri_set_read_concern(uri, concerns.majority)
        let primary = unsafe mongoc_read_prefs_new(MONGOC_READ_PRIMARY)
        unsafe mongoc_uri_set_read_prefs_t(uri, primary)
        unsafe mongoc_read_prefs_destroy(primary)
    }
}

/// When a write counts as done (a majority has it in its journal), and which documents a read sees (those that a majority has; inside a
/// transaction those of one snapshot).
@safe struct Concerns: ~Copyable {
    let write: OpaquePointer
    let majority: OpaquePointer
    let snapshot: OpaquePointer

    init(writeTimeout: Duration) {
        unsafe write = mongoc_write_concern_new()
        unsafe mongoc_write_concern_set_wmajority(write, writeTimeout.milliseconds)
        unsafe mongoc_write_concern_set_journal(write, true)
        unsafe majority = mongoc_read_concern_new()
        unsafe mongoc_read_concern_set_level(majority, MONGOC_READ_CONCERN_LEVEL_MAJORITY)
        unsafe snapshot = mongoc_read_concern_new()
        unsafe mongoc_read_concern_set_level(snapshot, MONGOC_READ_CONCERN_LEVEL_SNAPSHOT)
    }

    deinit {
        unsafe mongoc_write_concern_destroy(write)
        unsafe mongoc_read_concern_destroy(majority)
        unsafe mongoc_read_concern_destroy(snapshot)
    }
}
