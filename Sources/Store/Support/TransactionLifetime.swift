internal import BSON
internal import Mongo

/// For how long the server lets a transaction be open (`transactionLifetimeLimitSeconds`). A transaction that an instance leaves open when its machine
/// is lost holds its documents for as long, unless another instance may end it.
extension MeterStore {
    /// More than any transaction of ours takes, and little to wait.
    private static let transactionLifetime: Int64 = 10

    /// A sentence for the operator when the server's limit is longer than that; nil when it is not, or when this user may not read it.
    package static func adviceOnTransactionLifetime(_ writing: Writing) -> String? {
        let name = "transactionLifetimeLimitSeconds"
        let reply = try? writing.command(Document([("getParameter", 1), (name, 1)]), on: "admin")
        guard let seconds = reply?[name]?.asInt64, seconds > transactionLifetime else { return nil }
        return """
            \(name) is \(seconds): an account that a lost instance was writing may have to wait as long. \
            Start mongod with --setParameter \(name)=\(transactionLifetime).
            """
    }

    package func adviceOnTransactionLifetime() -> String? {
        (try? blockingWrite { Self.adviceOnTransactionLifetime($0) }) ?? nil
    }
}
