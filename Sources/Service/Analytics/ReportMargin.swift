package import Metering
internal import Store

/// What a shop earned with the use of models in a time.
package struct MarginReport: Sendable {
    package let from: Timestamp
    package let to: Timestamp
    package let currency: Currency
    package let grouping: MarginGrouping
    package let margins: Margins
}

extension ShopMeter {
    /// What charges brought less what the uses cost the shop, by model, user or day. A range that has no end ends now; one that has no beginning begins
    /// 30 days before its end. It is summed a day at a step.
    package func margins(of tenant: Tenant, by grouping: MarginGrouping, over range: TimeRange) async throws -> MarginReport {
        let (now, shop) = (try await now(of: tenant), try await shop(tenant.shop))
        let end = range.to ?? now.adding(milliseconds: 1)
        let start = range.from ?? end.adding(days: -30)
        guard start <= end, end <= start.adding(days: Margins.maximumDays) else {
            throw ServiceError.invalid(field: "from", expected: "expected a time at most \(Margins.maximumDays) days before to")
        }
        let margins = try await longReads.pass(tenant) { try await sums(of: tenant, by: grouping, from: start, to: end) }
        return MarginReport(from: start, to: end, currency: shop.currency, grouping: grouping, margins: margins)
    }

    private func sums(of tenant: Tenant, by grouping: MarginGrouping, from start: Timestamp, to end: Timestamp) async throws -> Margins {
        var (margins, at) = (Margins(), start)
        while at < end {
            let next = min(end, at.adding(days: 1))
            margins = try await longStep(of: tenant) { [margins, at] in
                try await read { reading in
                    var sums = margins
                    try sums.addUses(of: tenant, from: at, to: next, by: grouping, reading)
                    return sums
                }
            }
            guard margins.groups.count <= Margins.maximumGroups else {
                throw ServiceError.invalid(
                    field: "group_by", expected: "expected at most \(Margins.maximumGroups) groups: narrow from and to, or group by less")
            }
            if let left = Deadline.current.remaining, left < .milliseconds(500) {
                throw ServiceError.tooMuch("the charges are too many to be summed in time: narrow from and to")
            }
            at = next
        }
        return try await longStep(of: tenant) { [margins] in
            try await read { reading in
                var sums = margins
                try sums.addRefunds(of: tenant, from: start, to: end, by: grouping, reading)
                return sums
            }
        }
    }
}
