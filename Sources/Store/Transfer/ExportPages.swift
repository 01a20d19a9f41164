internal import BSON
package import Metering
internal import Mongo

/// What is exported, page by page in the order of the ids: each page is a range of the `_id` index, so that none costs more than another.
extension Accounts {
    package static func page(of tenant: Tenant, after user: UserID?, limit: Int, _ reading: Reading) throws -> [Account] {
        let filter = Key.range(of: tenant, then: "user_id", after: user?.rawValue ?? "")
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try Account($0) }
    }
}

extension UsageEvents {
    /// By user and id.
    package static func page(of tenant: Tenant, after last: RecordedEvent?, limit: Int, _ reading: Reading) throws -> [RecordedEvent] {
        var filter = Key.range(of: tenant, then: "user_id")
        if let last {
            let low: Value = ["shop_id": .id(tenant.shop), "user_id": .id(last.user), "event_id": .id(last.id)]
            filter = Key.range(of: tenant, then: "user_id", behind: low)
        }
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try RecordedEvent($0) }
    }
}

extension Invoices {
    package static func page(of tenant: Tenant, after number: InvoiceNumber?, limit: Int, _ reading: Reading) throws -> [Invoice] {
        let filter = Key.range(of: tenant, then: "number", after: number?.rawValue ?? "")
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try Invoice($0) }
    }
}

extension BillingTransactions {
    /// In the order in which they were made, to the second.
    package static func page(of tenant: Tenant, after id: TransactionID?, limit: Int, _ reading: Reading) throws -> [RecordedTransaction] {
        let filter = Key.range(of: tenant, then: "transaction_id", after: id?.rawValue ?? "")
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try RecordedTransaction($0) }
    }
}

extension Wallets {
    /// In the order of their kinds and owners.
    package static func page(of tenant: Tenant, after owner: WalletOwner?, limit: Int, _ reading: Reading) throws -> [Wallet] {
        var filter = Key.range(of: tenant, then: "kind")
        if let owner { filter = Key.range(of: tenant, then: "kind", behind: WalletKey(tenant: tenant, owner: owner).value) }
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try Wallet($0) }
    }
}

extension WalletEntries {
    /// In the order of their types and ids.
    package static func page(of tenant: Tenant, after last: WalletEntry?, limit: Int, _ reading: Reading) throws -> [WalletEntry] {
        var filter = Key.range(of: tenant, then: "type")
        if let last { filter = Key.range(of: tenant, then: "type", behind: last.key(tenant).value) }
        return try reading.find(schema.name, filter, sort: ["_id": 1], limit: limit).map { try WalletEntry($0) }
    }
}
