package import Metering
internal import Store

/// A difference that an audit found.
package struct AuditFinding: Equatable, Sendable {
    package let shop: ShopID
    /// The user or project whose account or wallet differs; nil when the difference is the shop's.
    package let owner: WalletOwner?
    package let difference: AuditDifference

    package init(shop: ShopID, owner: WalletOwner?, difference: AuditDifference) {
        self.shop = shop
        self.owner = owner
        self.difference = difference
    }

    /// A difference in a user's account or bills.
    package init(shop: ShopID, user: UserID, difference: AuditDifference) {
        self.init(shop: shop, owner: .user(user), difference: difference)
    }
}

/// How much an audit has gone through until now.
package struct AuditProgress: Equatable, Sendable {
    package var accounts = 0
    package var events: Int128 = 0
    package var wallets = 0
    package var differences = 0

    package init() {}
}

extension ShopMeter {
    /// Recomputes every account and every wallet of a shop, or of all shops, from its log, and the counters of API calls; compares bills with
    /// payments, and calls of models with their events and charges; looks for gaps in the numbers of invoices; and tells `found` each difference. Each page is read as it was at one instant, so that an audit may run while
    /// others write, and takes the memory of one page.
    package func audit(
        of shop: ShopID?, found: (AuditFinding) throws -> Void, progress: (AuditProgress) -> Void
    ) async throws -> AuditProgress {
        var done = AuditProgress()
        if let shop {
            try await audit(try await self.shop(shop).tenant, &done, found: found, progress: progress)
        } else {
            try await forEachShop { try await audit($0, &done, found: found, progress: progress) }
        }
        return done
    }

    private func audit(
        _ tenant: Tenant, _ done: inout AuditProgress, found: (AuditFinding) throws -> Void, progress: (AuditProgress) -> Void
    ) async throws {
        var last: UserID?
        repeat {
            try Task.checkCancellation()
            let after = last
            let page = try await read { try AccountAuditPages.read(of: tenant, after: after, $0) }
            for (user, account, log) in page.entries {
                for difference in log.differences(from: account) {
                    done.differences += 1
                    try found(AuditFinding(shop: tenant.shop, user: user, difference: difference))
                }
            }
            done.accounts += page.accounts
            done.events += page.events
            progress(done)
            last = page.last
        } while last != nil
        try await auditWallets(of: tenant, &done, found: found, progress: progress)
        try await auditCalls(of: tenant, &done, found: found)
        try await auditConsumption(of: tenant, &done, found: found)
        for (name, numbers) in [("invoices", DocumentNumbers.invoices), ("credit notes", DocumentNumbers.creditNotes)] {
            for gap in try await read({ try numbers.gaps(of: tenant, $0) }) {
                done.differences += 1
                let difference = AuditDifference("\(name) of \(gap.month)", expected: "\(gap.issued)", actual: "\(gap.stored)")
                try found(AuditFinding(shop: tenant.shop, owner: nil, difference: difference))
            }
        }
    }

    private func auditConsumption(of tenant: Tenant, _ done: inout AuditProgress, found: (AuditFinding) throws -> Void) async throws {
        var last: ConsumptionMonth?
        repeat {
            try Task.checkCancellation()
            let after = last
            let page = try await read { try ConsumptionMonths.audit(of: tenant, after: after, $0) }
            for month in page.months {
                guard let difference = month.difference else { continue }
                done.differences += 1
                try found(AuditFinding(shop: tenant.shop, user: month.user, difference: difference))
            }
            last = page.last
        } while last != nil
    }

    private func auditWallets(
        of tenant: Tenant, _ done: inout AuditProgress, found: (AuditFinding) throws -> Void, progress: (AuditProgress) -> Void
    ) async throws {
        var cursor: WalletAuditCursor? = .start
        while let after = cursor {
            try Task.checkCancellation()
            let page = try await read { try WalletAuditPages.read(of: tenant, after: after, $0) }
            for (owner, audit) in page.audits {
                for difference in audit.differences {
                    done.differences += 1
                    try found(AuditFinding(shop: tenant.shop, owner: owner, difference: difference))
                }
            }
            done.wallets += page.wallets
            progress(done)
            cursor = page.next
        }
    }
}
