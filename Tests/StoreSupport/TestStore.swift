package import Mongo
package import Store
internal import Support

/// Lends `body` a store on an empty database, and the database, with this program's schema, which tests hand on to one another. Who changes more than documents there
/// costs the next test a new one.
package func withTestStore<R>(
    options: DatabaseOptions? = nil, _ body: (MeterStore, Database) async throws -> R
) async throws -> R {
    try await withTestDatabase(options: options) {
        try MeterStore(database: $0).prepare()
    } _: {
        try await body(MeterStore(database: $0), $0)
    }
}
