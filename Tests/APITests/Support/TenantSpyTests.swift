import BSON
import HTTP
import JSON
import Metering
import Mongo
import Support
import Synchronization
import Testing
import Web

@testable import API
@testable import Store

/// What the driver sends to the database, as the driver itself tells it.
struct TenantSpyTests {
    /// Commands that name no shop, each with its reason: the collection, the command, and the field that its filter has instead.
    private static let exceptions: [String: String] = [
        "api_keys find _id": "a key is looked for before anybody knows whose it is; its hash is compared before it is believed",
        "shops aggregate ": "where something is due is asked in all shops at once, in each by its id; each then gets its own turn",
        "job_leases": "the platform's own",
        "schema": "the platform's own",
    ]

    /// What is written outside of transactions: one document, which nothing else rests on. A message to an endpoint is not among it: it is stored with its
    /// cause.
    private static let loose: Set<String> = [
        "api_keys update", "refusals insert", "labels update", "model_aliases update", "idempotency_keys delete",
    ]

    /// Every route of one shop, the others being there, and every job: each command on a shop's documents says whose they are, and a request's is of
    /// the shop that asks.
    @Test func `Each command on what belongs to a shop carries that shop`() async throws {
        let spy = CommandSpy()
        try await withTestAPI(onCommand: spy.receive) { api in
            var api = api
            spy.begin()
            try await api.addShop("spyer")
            let made = try await FilledShop.fill(api)
            let target = FilledShop.Target(mark: "canary", made: made)
            for route in api.routes where Self.isOfShop(route) {
                for question in try TenantIsolationTests.questions([route], about: target) {
                    spy.begin()
                    _ = try await api.send(question.method, question.path, query: question.query, as: "spyer", question.body)
                    let shops = spy.shops
                    #expect(shops.isSubset(of: ["spyer"]), "\(question.route) named \(shops)")
                }
            }
            api.clock.move(to: "2027-02-01T00:00:00Z")
            for job in ["rollover", "expiry", "overdue", "analytics"] {
                _ = try await api.send(.post, "/v1/admin/jobs/\(job)/run", as: "admin")
            }
            let unnamed = spy.unnamed.filter { Self.exceptions[$0.key] == nil && Self.exceptions[$0.value] == nil }
            #expect(unnamed.keys.sorted() == [])
            #expect(spy.loose.subtracting(Self.loose) == [])
            #expect(spy.named.count > 30, "\(spy.named.sorted())")
            let unused = Self.exceptions.keys.filter { $0.contains(" ") && spy.unnamed[$0] == nil }
            #expect(unused.isEmpty)
        }
    }

    private static func isOfShop(_ route: Route) -> Bool {
        if case .shop = route.access { true } else { false }
    }
}

/// Keeps of each command which shops it names.
final class CommandSpy: Sendable {
    private struct State {
        /// Of the present request; nil before any began.
        var shops: Set<String>?
        var named: Set<String> = []
        var loose: Set<String> = []
        var unnamed: [String: String] = [:]
    }

    private let state = Mutex(State())

    /// A request begins.
    func begin() { state.withLock { $0.shops = [] } }
    var shops: Set<String> { state.withLock { $0.shops ?? [] } }
    /// The collections of commands that name a shop, with the commands' names.
    var named: Set<String> { state.withLock { $0.named } }
    /// The writes that stand alone, by collection and command, but for those of the platform's own collections.
    var loose: Set<String> { state.withLock { $0.loose } }
    /// The collections of the commands that name none, by collection, command and the fields of the filter.
    var unnamed: [String: String] { state.withLock { $0.unnamed } }

    func receive(_ command: StartedCommand) {
        guard let targets = try? Targets(command) else { return }
        state.withLock { state in
            // Before that the schema is made, for all shops.
            guard state.shops != nil else { return }
            let writes = ["insert", "update", "delete", "findAndModify"].contains(command.name)
            if writes, command.body["autocommit"] == nil, targets.collection != "job_leases" {
                state.loose.insert("\(targets.collection) \(command.name)")
            }
            for (filter, shops) in targets.parts {
                guard shops.isEmpty else {
                    state.named.insert("\(targets.collection) \(command.name)")
                    // What the service writes beside requests is not theirs.
                    if !Targets.beside.contains(targets.collection) { state.shops?.formUnion(shops) }
                    continue
                }
                let fields = filter.map(\.key).sorted().joined(separator: ",")
                state.unnamed["\(targets.collection) \(command.name) \(fields)"] = targets.collection
            }
        }
    }

    /// The documents, or the filters, of a command on a collection, each with the shops that it is confined to.
    private struct Targets {
        /// When keys were used is written beside the requests, and what was refused.
        static let beside = ["api_keys", "refusals"]

        let collection: String
        let parts: [(filter: Document, shops: Set<String>)]

        /// Nil for a command that is on no collection.
        init?(_ command: StartedCommand) throws {
            guard let collection = command.body[command.name]?.asString else { return nil }
            self.collection = collection
            let filters: [Document]
            switch command.name {
            case "find", "distinct": filters = [try command.body.document(command.name == "find" ? "filter" : "query")]
            case "count": filters = [try command.body.document("query")]
            case "aggregate": filters = [command.body["pipeline"]?.asArray?.first?.asDocument?["$match"]?.asDocument ?? [:]]
            case "insert": filters = try command.body.array("documents").compactMap(\.asDocument)
            case "update": filters = try command.body.array("updates").compactMap { try $0.asDocument?.document("q") }
            case "delete": filters = try command.body.array("deletes").compactMap { try $0.asDocument?.document("q") }
            case "findAndModify": filters = [try command.body.document("query")]
            default: return nil
            }
            parts = filters.map { ($0, Self.shops(in: $0, collection)) }
        }

        /// The shops that the filter confines a command to; none when it may find what is of any shop.
        private static func shops(in filter: Document, _ collection: String) -> Set<String> {
            for field in ["shop_id", "_id.shop_id"] {
                if let shop = filter[field] { return shops(of: shop) }
            }
            if let id = filter["_id"] {
                if collection == "shops" { return shops(of: id) }
                let found = shops(ofID: id)
                if !found.isEmpty { return found }
            }
            for part in filter["$and"]?.asArray ?? [] {
                if let part = part.asDocument, case let found = shops(in: part, collection), !found.isEmpty { return found }
            }
            let choices = (filter["$or"]?.asArray ?? []).compactMap(\.asDocument).map { shops(in: $0, collection) }
            return choices.contains([]) ? [] : choices.reduce(into: []) { $0.formUnion($1) }
        }

        /// A shop's id, or operators on one.
        private static func shops(of value: Value) -> Set<String> {
            if let shop = value.asString { return [shop] }
            guard let operators = value.asDocument else { return [] }
            if let shop = operators["$eq"]?.asString { return [shop] }
            return Set((operators["$in"]?.asArray ?? []).compactMap(\.asString))
        }

        /// An id with the shop in it; several; or a range of ids of one shop.
        private static func shops(ofID value: Value) -> Set<String> {
            guard let id = value.asDocument else { return [] }
            if let shop = id["shop_id"]?.asString { return [shop] }
            if let equal = id["$eq"] { return shops(ofID: equal) }
            if let several = id["$in"]?.asArray {
                let each = several.map { shops(ofID: $0) }
                return each.contains([]) ? [] : each.reduce(into: []) { $0.formUnion($1) }
            }
            let ends = [["$gt", "$gte"], ["$lt", "$lte"]].map { names in names.compactMap { id[$0]?.asDocument?["shop_id"]?.asString }.first
            }
            guard let start = ends[0], start == ends[1] else { return [] }
            return [start]
        }
    }
}
