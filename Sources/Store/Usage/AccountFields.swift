internal import BSON
internal import Metering

extension Account {
    /// `version`: the number of the last entry of the log that is in the document.
    func document(of tenant: Tenant, version: Int64) throws -> Document {
        var document: Document = ["_id": Key.user(user, tenant), "sequence": .int64(version)]
        if let loggedAt { document.append("logged_at", .time(loggedAt)) }
        for (key, value) in try terms + lifetimeFields { document.append(key, value) }
        document.append("meters", .array(meters.map { .document($0.document) }))
        document.append("daily_usage", .array(daily.map { .document($0.document) }))
        document.append("monthly_summary", .array(summaries.map { .document($0.document) }))
        return document
    }

    /// The fields that `$set` needs to turn the document of the account `before` into this one's: those that differ, and of the days those that
    /// differ. Where events follow the document, it lacks what they changed.
    func changes(since before: Account, version: Int64) throws -> Document {
        var set: Document = ["sequence": .int64(version)]
        if let loggedAt { set.append("logged_at", .time(loggedAt)) }
        let isBehind = before.checkpoint < before.version
        if (plan, subscription, period) != (before.plan, before.subscription, before.period) || periodNumber != before.periodNumber {
            for (key, value) in try terms { set.append(key, value) }
        }
        if isBehind || lifetime != before.lifetime { for (key, value) in lifetimeFields { set.append(key, value) } }
        if isBehind || meters != before.meters { set.append("meters", .array(meters.map { .document($0.document) })) }
        if isBehind { set.append("daily_usage", .array(daily.map { .document($0.document) })) } else { appendDays(since: before, to: &set) }
        if summaries != before.summaries { set.append("monthly_summary", .array(summaries.map { .document($0.document) })) }
        return set
    }

    /// Sets changed and added days by their index (`daily_usage.3`). When a day went or moved, sets the whole array.
    private func appendDays(since before: Account, to set: inout Document) {
        let isSameOrder = daily.count >= before.daily.count && zip(daily, before.daily).allSatisfy { $0.day == $1.day }
        guard isSameOrder else { return set.append("daily_usage", .array(daily.map { .document($0.document) })) }
        for (index, day) in daily.enumerated() where index >= before.daily.count || day != before.daily[index] {
            set.append("daily_usage.\(index)", .document(day.document))
        }
    }

    /// The account as an entry of its log keeps it: its terms and balances, without its days, sums and closed periods.
    var state: Document {
        get throws { Document(try terms + [("meters", .array(meters.map { .document($0.document) }))]) }
    }

    /// The account as the entry of that number left it, without its days, sums and closed periods.
    init(state document: Document, of user: UserID, entry number: Int64) throws {
        self.init(
            user: user, version: number, plan: try document.id("plan_name"),
            subscription: try document.optionalSubscriptionID("subscription_id"),
            period: Period(start: try document.time("current_period_start"), end: try document.time("current_period_end")),
            periodNumber: try document.int64("period_number"), meters: try document.documents("meters").map { try MeterBalance($0) })
    }

    private var terms: [(String, Value)] {
        get throws {
            [
                ("plan_name", .id(plan)), ("subscription_id", try subscription.map { try $0.value(of: "subscription_id") } ?? .null),
                ("current_period_start", .time(period.start)), ("current_period_end", .time(period.end)),
                ("period_number", .int64(periodNumber)),
            ]
        }
    }

    private var lifetimeFields: [(String, Value)] {
        [
            ("total_tokens", .int64(lifetime.tokens)), ("total_queries", .int64(lifetime.queries)),
            ("peak_tokens", .int64(lifetime.peak)),
        ]
    }
}

extension MeterBalance {
    init(_ document: Document) throws {
        self.init(
            meter: try document.id("meter"), limit: try document.limit("limit"), rolloverCap: try document.optionalInt64("rollover_cap"),
            isPlain: try document.bool("plain"), used: try document.int64("used"), opening: try document.optionalInt64("opening") ?? 0,
            rollover: try document.int64("rollover"),
            purchased: try document.int64("purchased"), reserved: try document.int64("reserved"),
            alerted: Int(try document.int64("alerted")), drawn: try document.optionalDocument("drawn").map { try Drawn($0) })
    }

    var document: Document {
        var document: Document = [
            "meter": .id(meter), "limit": .limit(limit), "rollover_cap": rolloverCap.map { .int64($0) } ?? .null, "plain": .bool(isPlain),
            "used": .int64(used), "rollover": .int64(rollover), "purchased": .int64(purchased), "reserved": .int64(reserved),
            "alerted": .int64(Int64(alerted)),
        ]
        if opening != 0 { document.append("opening", .int64(opening)) }
        if let drawn { document.append("drawn", .document(drawn.document)) }
        return document
    }
}

/// Numbers that are 0 are left out: of most accounts all are.
extension Drawn {
    init(_ document: Document) throws {
        self.init(
            since: try document.optionalInt64("since") ?? 0, rollover: try document.optionalInt64("rollover") ?? 0,
            purchased: try document.optionalInt64("purchased") ?? 0,
            debt: try document.optionalInt64("debt") ?? 0)
    }

    var document: Document {
        let numbers = [("since", since), ("rollover", rollover), ("purchased", purchased), ("debt", debt)]
        return Document(numbers.filter { $0.1 != 0 }.map { ($0.0, .int64($0.1)) })
    }
}

extension DailyUsage {
    init(_ document: Document) throws {
        self.init(day: try document.day("date"), totals: try Totals(document))
    }

    var document: Document { Document([("date", .day(day))] + totals.fields) }
}

extension Totals {
    fileprivate init(_ document: Document) throws {
        self.init(
            tokens: try document.int64("tokens"), queries: try document.int64("queries"), peak: try document.int64("peak_tokens"))
    }

    fileprivate var fields: [(String, Value)] {
        [("tokens", .int64(tokens)), ("queries", .int64(queries)), ("peak_tokens", .int64(peak))]
    }
}

extension PeriodSummary {
    init(_ document: Document) throws {
        self.init(
            period: Period(start: try document.time("period_start"), end: try document.time("period_end")),
            plan: try document.id("plan_name"), totals: try Totals(document),
            peakDay: try document.optionalDay("peak_day"),
            meters: try document.documents("meters").map { try ClosedMeter($0) },
            reason: try document.optionalString("reason") ?? PeriodSummary.isOver)
    }

    var document: Document {
        let head: [(String, Value)] = [
            ("period_start", .time(period.start)), ("period_end", .time(period.end)), ("plan_name", .id(plan)),
        ]
        let tail: [(String, Value)] = [
            ("peak_day", .text(peakDay?.iso)), ("meters", .array(meters.map { .document($0.document) })),
        ]
        let why: [(String, Value)] = reason == PeriodSummary.isOver ? [] : [("reason", .string(reason))]
        return Document(head + totals.fields + tail + why)
    }
}

extension ClosedMeter {
    fileprivate init(_ document: Document) throws {
        self.init(
            meter: try document.id("meter"), limit: try document.limit("limit"), used: try document.int64("used"),
            carriedOver: try document.int64("carried_over"), overage: try document.optionalInt64("overage") ?? 0,
            earned: try document.optionalInt64("earned"))
    }

    fileprivate var document: Document {
        var document: Document = [
            "meter": .id(meter), "limit": .limit(limit), "used": .int64(used), "carried_over": .int64(carriedOver),
            "overage": .int64(overage),
        ]
        if let earned { document.append("earned", .int64(earned)) }
        return document
    }
}
