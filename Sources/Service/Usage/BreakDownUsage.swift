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
        let period = range == TimeRange() ? try await presentAccount(of: user, in: tenant) : nil
        let sums = try await sums(
            UsageBreakdownSums(of: meter, period: period?.periodNumber, by: grouping), over: range, of: user, in: tenant,
            tooSlow: .tooMuch("the events are too many to be summed in time: narrow from and to"), tooLarge: .tooManyGroups)
        return try await read { reading in
            let groups = sums.list(skipping: offset, limit: limit)
            let keys = groups.flatMap { zip(grouping.names, $0.values).compactMap(LabelKey.init(dimension:ifAny:)) }
            return UsageBreakdown(
                grouping: grouping, meter: meter,
                range: period.map { TimeRange(from: $0.period.start, to: $0.period.end) } ?? range, groups: groups,
                labels: try Labels.find(Set(keys), of: tenant, reading), total: sums.total)
        }
    }

    private func presentAccount(of user: UserID, in tenant: Tenant) async throws -> Account {
        try await present(user, in: tenant).account
    }

    package func engagement(of user: UserID, in tenant: Tenant) async throws -> UserEngagement {
        let sums = try await sums(
            EngagementSums(), over: TimeRange(), of: user, in: tenant,
            tooSlow: .tooMuch("the user's events are too many to be summed in time; a breakdown of a shorter time may be"),
            tooLarge: .tooManyDocuments)
        return try await read { reading in
            let voices = sums.voices(limit: UserEngagement.maximumVoices)
            let keys = voices.flatMap { row in
                [(Engagement.voice, row.voice), (Engagement.model, row.model)].compactMap(LabelKey.init(dimension:ifAny:))
            }
            return UserEngagement(
                user: user, total: sums.total, voices: voices, labels: try Labels.find(Set(keys), of: tenant, reading))
        }
    }
}

extension ServiceError {
    fileprivate static let tooManyGroups = ServiceError.invalid(
        field: "group_by",
        expected:
            "expected at most \(UsageGrouping.maximumGroups) groups with \(UsageGrouping.maximumPages) pages: narrow from and to, or group by less"
    )

    fileprivate static let tooManyDocuments = ServiceError.invalid(
        field: "user_id",
        expected: "expected a user with at most \(Engagement.maximumVoices) voices and \(Engagement.maximumDocuments) documents")
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
