internal import CMongoc

/// What a write is waited for, and what a read may see: majority and journal; majority, or one snapshot inside a transaction.
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
