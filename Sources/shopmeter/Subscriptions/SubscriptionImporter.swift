internal import Metering
internal import Service
internal import Store

/// Brings a shop's subscribers along, as they were at an instant of the past.
struct SubscriptionImporter {
    /// A clock that stands.
    struct StandingClock: Clock {
        let time: Timestamp
        func now() -> Timestamp { time }
    }

    private let present: ShopMeter
    /// The same service at the time when the subscriptions begin.
    private let past: ShopMeter
    private let startsInThePast: Bool

    /// `start`: nil is now.
    init(store: MeterStore, settings: Settings, start: Timestamp?) {
        present = ShopMeter(store: store, settings: settings)
        past = start.map { ShopMeter(store: store, clock: StandingClock(time: $0), settings: settings) } ?? present
        startsInThePast = start != nil
    }

    func drain() {
        present.drain()
        past.drain()
    }

    func run(_ options: SubscriptionImportOptions) async throws -> ImportSummary {
        let tenant = try await present.shop(options.shop).tenant
        var reader = try CSVReader(options.file)
        let (user, plan) = (try reader.index(of: options.userColumn), try reader.index(of: options.planColumn))
        var summary = ImportSummary()
        while let piece = try reader.next() {
            for row in piece.rows {
                try Task.checkCancellation()
                do {
                    let fields = try row.fields.get()
                    summary.add(isDuplicate: try await !subscribe(fields[user], to: fields[plan], of: tenant))
                } catch let error as BadRow {
                    summary.reject(line: row.line, reason: error.reason)
                }
            }
        }
        return summary
    }

    /// Returns whether the subscription is new.
    private func subscribe(_ user: String, to plan: String, of tenant: Tenant) async throws -> Bool {
        guard let user = UserID(rawValue: user), let plan = PlanName(rawValue: plan) else {
            throw BadRow(reason: "an id that is not \(IdentifierText.expectation)")
        }
        do {
            if try await isSubscribed(user, tenant) { return false }
            var request = SubscriptionRequest(user: user, action: .create, planName: plan)
            request.billedFrom = startsInThePast ? SystemClock().now() : nil
            _ = try await past.changeSubscription(request, of: tenant, by: .command)
            return true
        } catch let error as ServiceError {
            if case .databaseUnavailable = error { throw error }
            throw BadRow(reason: Failure(error).description)
        }
    }

    private func isSubscribed(_ user: UserID, _ tenant: Tenant) async throws -> Bool {
        do {
            if try await present.subscription(of: user, in: tenant).subscription.isLive { return true }
        } catch ServiceError.notFound {}
        if startsInThePast, try await present.usage(of: user, in: tenant).account.lifetime.queries > 0 {
            throw BadRow(reason: "a user who has usage already and cannot begin in the past")
        }
        return false
    }
}
