import BSON
package import Mongo

/// How many `find`s reached the database while the body ran, as its profiler noted them: those of other tests, which have databases of their own, do
/// not count.
package func countingFinds(in database: Database, _ body: () async throws -> Void) async throws -> Int {
    try await profiling(database, body).filter { $0.key.hasPrefix("query ") }.reduce(0) { $0 + $1.value }
}

/// How many operations of each kind reached each collection of the database while the body ran: `query shops`, `insert usage_events`.
package func profiling(_ database: Database, _ body: () async throws -> Void) async throws -> [String: Int] {
    func profile(_ level: Int32) throws { _ = try database.withConnection { try $0.command(["profile": .int32(level)]) } }
    // What it noted before goes.
    try database.withConnection { try $0.dropCollection("system.profile") }
    try profile(2)
    do { try await body() } catch {
        try profile(0)
        throw error
    }
    try profile(0)
    var counts: [String: Int] = [:]
    // Not the commands themselves: the profiler cuts what is long, also within a character.
    for entry in try database.withConnection({ try $0.find("system.profile", [:], projection: ["ns": true, "op": true]) }) {
        let collection = try entry.string("ns").drop { $0 != "." }.dropFirst()
        counts["\(try entry.string("op")) \(collection)", default: 0] += 1
    }
    return counts
}
