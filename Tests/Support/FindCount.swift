import BSON
package import Mongo

/// How many `find`s reached the database while the body ran, as its profiler noted them: those of other tests, which have databases of their own, do
/// not count.
package func countingFinds(in database: Database, _ body: () async throws -> Void) async throws -> Int {
    func profile(_ level: Int32) throws { _ = try database.withConnection { try $0.command(["profile": .int32(level)]) } }
    try profile(2)
    do { try await body() } catch {
        try profile(0)
        throw error
    }
    try profile(0)
    return try database.withConnection { try $0.find("system.profile", ["op": "query"]).count }
}
