package import Metering
internal import Store

/// A page of the groups of a meter's events.
package struct UsageBreakdown: Sendable {
    package let grouping: UsageGrouping
    package let meter: Meter
    /// When the events happened. A nil end is open: from the first event, or to the last.
    package let range: TimeRange
    package let groups: [UsageGroup]
    package let labels: [LabelKey: String]
    /// The sum over all groups, of every page.
    package let total: UsageGroup
}

package struct UserEngagement: Sendable {
    package let user: UserID
    package let total: Engagement
    /// One row for each voice and model, most characters first.
    package let voices: [(voice: String?, model: String?, engagement: Engagement)]
    package let labels: [LabelKey: String]

    package static let maximumVoices = 200
}

extension ShopMeter {
    /// Sums of a meter's events, grouped by their dimensions, largest first. An empty range means the current period.
    package func breakdown(
        of meter: Meter, for user: UserID, in tenant: Tenant, by grouping: UsageGrouping, over range: TimeRange, skipping offset: Int,
        limit: Int
    ) async throws -> UsageBreakdown {
        let now = try await now(of: tenant)
        let stored = try await read { try Accounts.find(user, of: tenant, $0) }
        if let stored { _ = try await bringUpToDate(stored, of: tenant, at: now) }
        return try await readAtOnce { reading in
            let account =
                try Accounts.find(user, of: tenant, reading) ?? .opened(for: user, free: self.freePlan(of: tenant, reading), at: now)
            let isPeriod = range == TimeRange()
            let selection = UsageBreakdowns.Selection(
                user: user, meter: meter, time: isPeriod ? .period(account.periodNumber) : .range(range))
            let groups = try UsageBreakdowns.list(selection, by: grouping, of: tenant, skipping: offset, limit: limit, reading)
            let keys = groups.flatMap { zip(grouping.names, $0.values).compactMap(LabelKey.init(dimension:ifAny:)) }
            return UsageBreakdown(
                grouping: grouping, meter: meter,
                range: isPeriod ? TimeRange(from: account.period.start, to: account.period.end) : range, groups: groups,
                labels: try Labels.find(Set(keys), of: tenant, reading),
                total: try UsageBreakdowns.total(selection, of: tenant, reading))
        }
    }

    package func engagement(of user: UserID, in tenant: Tenant) async throws -> UserEngagement {
        try await readAtOnce { reading in
            let voices = try Engagements.voices(of: user, in: tenant, limit: UserEngagement.maximumVoices, reading)
            let keys = voices.flatMap { row in
                [(Engagement.voice, row.voice), (Engagement.model, row.model)].compactMap(LabelKey.init(dimension:ifAny:))
            }
            return UserEngagement(
                user: user, total: try Engagements.total(of: user, in: tenant, reading), voices: voices,
                labels: try Labels.find(Set(keys), of: tenant, reading))
        }
    }
}

/// Names for the values of dimensions, as breakdowns show them.
extension ShopMeter {
    /// Gives a dimension's value a label. Returns whether it had none before.
    package func putLabel(_ label: String, on key: LabelKey, in tenant: Tenant) async throws -> Bool {
        try await retryingDuplicates { try await write { try Labels.put(label, on: key, of: tenant, $0) } }
    }
}

extension LabelKey {
    fileprivate init?(dimension: String, ifAny value: String?) {
        guard let value else { return nil }
        self.init(dimension: dimension, value: value)
    }
}
