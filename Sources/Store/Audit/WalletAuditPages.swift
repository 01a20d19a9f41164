internal import BSON
package import Metering
internal import Mongo

/// A page of an audit: wallets with their entries, all read at one instant.
package struct WalletAuditPage: Sendable {
    package var audits: [(owner: WalletOwner, audit: WalletAudit)]
    package var wallets: Int
    /// Where the next page begins; nil on the last page.
    package var next: WalletAuditCursor?
}

/// The owner after whom a page begins. Projects come first, then users.
package struct WalletAuditCursor: Sendable {
    fileprivate var kind = "project"
    fileprivate var owner = ""

    package static let start = WalletAuditCursor()

    /// The start of the next kind; nil after the last kind.
    fileprivate var following: WalletAuditCursor? { kind == "project" ? WalletAuditCursor(kind: "user") : nil }
}

package enum WalletAuditPages {
    /// The wallets after the cursor, and the entries between them that belong to no wallet.
    package static func read(
        of tenant: Tenant, after cursor: WalletAuditCursor, size: AuditSize = AuditSize(), _ reading: Reading
    ) throws -> WalletAuditPage {
        try size.shrinking { size in
            try reading.snapshot { snapshot in
                try WalletAuditReader(tenant: tenant, cursor: cursor, size: size, snapshot: snapshot).page()
            }
        }
    }
}

private struct WalletAuditReader {
    let tenant: Tenant
    let cursor: WalletAuditCursor
    let size: AuditSize
    let snapshot: Snapshot

    func page() throws -> WalletAuditPage {
        let documents = try wallets()
        let last = documents.count == size.accounts ? try documents.last?.document("_id").string("owner_id") : nil
        var page = WalletAuditPage(audits: [], wallets: documents.count, next: cursor.following)
        if let last { page.next = WalletAuditCursor(kind: cursor.kind, owner: last) }
        var audits: [WalletOwner: WalletAudit] = [:]
        for document in documents { try open(document, in: &audits) }
        try readEntries(upTo: last ?? Key.top, into: &audits)
        for owner in audits.keys { audits[owner]?.finish() }
        page.audits = audits.map { ($0.key, $0.value) }
        return page
    }

    private func wallets() throws -> [Document] {
        let low: Value = ["shop_id": .id(tenant.shop), "kind": .string(cursor.kind), "owner_id": .string(cursor.owner)]
        let high: Value = ["shop_id": .id(tenant.shop), "kind": .string(cursor.kind), "owner_id": .string(Key.top)]
        return try snapshot.find(Wallets.schema.name, ["_id": ["$gt": low, "$lt": high]], sort: ["_id": 1], limit: size.accounts)
    }

    private func open(_ document: Document, in audits: inout [WalletOwner: WalletAudit]) throws {
        let owner = try WalletOwner(document.document("_id"))
        do {
            audits[owner] = WalletAudit(of: try Wallet(document))
        } catch {
            audits[owner, default: WalletAudit(of: nil)].addUnreadable("\(error)")
        }
    }

    /// Reads the entries of the owners up to `top`, in the order of owners and numbers, `size.entries` at a time.
    private func readEntries(upTo top: String, into audits: inout [WalletOwner: WalletAudit]) throws {
        var after: (owner: String, number: Value)?
        while true {
            let documents = try entries(upTo: top, after: after)
            for document in documents { try add(document, to: &audits) }
            guard documents.count == size.entries, let last = documents.last else { return }
            after = (try last.string("owner_id"), last["number"] ?? .null)
        }
    }

    private func entries(upTo top: String, after: (owner: String, number: Value)?) throws -> [Document] {
        var filter: Document = ["_id.shop_id": .id(tenant.shop), "kind": .string(cursor.kind)]
        filter["owner_id"] = ["$gt": .string(cursor.owner), "$lte": .string(top)]
        if let after {
            filter["owner_id"] = ["$gte": .string(after.owner), "$lte": .string(top)]
            filter["$or"] = [["owner_id": ["$gt": .string(after.owner)]], ["number": ["$gt": after.number]]]
        }
        let sort: Document = ["_id.shop_id": 1, "kind": 1, "owner_id": 1, "number": 1]
        return try snapshot.find(WalletEntries.schema.name, filter, sort: sort, limit: size.entries)
    }

    private func add(_ document: Document, to audits: inout [WalletOwner: WalletAudit]) throws {
        let owner = try WalletOwner(document)
        do {
            audits[owner, default: WalletAudit(of: nil)].add(try WalletEntry(document))
        } catch {
            audits[owner, default: WalletAudit(of: nil)].addUnreadable("\(error)")
        }
    }
}
