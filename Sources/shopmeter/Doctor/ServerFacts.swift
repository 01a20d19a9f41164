internal import BSON
internal import MongoServer

/// What a MongoDB server says of itself (`hello`, `buildInfo`).
struct ServerFacts: Equatable, Sendable {
    /// `host:port`, as the connection string has it.
    let host: String
    /// The replica set whose member it is; nil outside of one.
    var set: String?
    /// Whether it was started for a replica set that was not initiated yet.
    var isForSet: Bool
    /// Whether it is a `mongos`.
    var isRouter: Bool
    var isPrimary: Bool
    /// Such as `6.0.27`.
    var version: String

    init(host: String, hello: Document, build: Document) throws {
        self.host = host
        set = try hello.optionalString("setName")
        isForSet = try hello.optionalBool("isreplicaset") == true
        isRouter = try hello.optionalString("msg") == "isdbgrid"
        isPrimary = try hello.optionalBool("isWritablePrimary") == true
        version = try build.string("version")
    }

    /// What ShopMeter cannot work with.
    /// - Parameter named: the replica set in the connection string.
    func problem(expecting named: String?) -> Finding? {
        if !MongodProgram.isEnough(version) {
            return .wrong(
                "SHOPMETER_MONGODB_URI: the MongoDB at \(host) is of version \(version), and ShopMeter needs \(MongodProgram.leastVersion) or newer.",
                "Upgrade it, or name another.")
        }
        if isRouter { return nil }
        guard let set else { return isForSet ? notInitiated : standalone }
        guard let named, named != set else { return nil }
        return .wrong(
            "SHOPMETER_MONGODB_URI: the MongoDB at \(host) is a member of the replica set \"\(set)\", and the connection string says \"\(named)\".",
            "Write replicaSet=\(set) there.")
    }

    private var standalone: Finding {
        .wrong(
            "SHOPMETER_MONGODB_URI: the MongoDB at \(host) is a standalone server, and ShopMeter's transactions need a replica set.",
            "Start it with --replSet rs0, run rs.initiate() on it once in mongosh, and write replicaSet=rs0 into the connection string.")
    }

    private var notInitiated: Finding {
        .wrong(
            "SHOPMETER_MONGODB_URI: the MongoDB at \(host) was started for a replica set that was never initiated.",
            "Run rs.initiate() on it once in mongosh.")
    }
}
