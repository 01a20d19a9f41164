package import BSON
internal import CMongoc

/// A command as libmongoc is about to send it.
package struct StartedCommand: Sendable {
    package let name: String
    package let database: String
    /// With the documents of an insert, and the statements of an update or delete, in it.
    package let body: Document
}

/// Tells a hook of each command that a pool's clients send. Where the pool has none, libmongoc asks nobody.
final class CommandMonitor: Sendable {
    private let hook: @Sendable (StartedCommand) -> Void

    init(_ hook: @escaping @Sendable (StartedCommand) -> Void) { self.hook = hook }

    /// To be called before the first client of the pool is lent; the monitor must live as long as the pool.
    @unsafe func watch(_ pool: OpaquePointer) {
        let callbacks = unsafe mongoc_apm_callbacks_new()
        defer { unsafe mongoc_apm_callbacks_destroy(callbacks) }
        unsafe mongoc_apm_set_command_started_cb(callbacks) { event in
            guard let event = unsafe event, let context = unsafe mongoc_apm_command_started_get_context(event) else { return }
            unsafe Unmanaged<CommandMonitor>.fromOpaque(context).takeUnretainedValue().receive(event)
        }
        unsafe mongoc_client_pool_set_apm_callbacks(pool, callbacks, Unmanaged.passUnretained(self).toOpaque())
    }

    private func receive(_ event: OpaquePointer) {
        guard let name = unsafe mongoc_apm_command_started_get_command_name(event),
            let database = unsafe mongoc_apm_command_started_get_database_name(event),
            let command = unsafe mongoc_apm_command_started_get_command(event),
            let body = try? unsafe Document(copying: command)
        else { return }
        unsafe hook(StartedCommand(name: String(cString: name), database: String(cString: database), body: body))
    }
}
