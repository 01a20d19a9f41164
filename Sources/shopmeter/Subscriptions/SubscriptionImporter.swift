internal import Metering
internal import Service
internal import Store

/// Subscribes the users of a CSV file to plans, as of an instant in the past.
struct SubscriptionImporter {
    private let present: ShopMeter
    /// A service whose clock stands at the instant when the subscriptions begin.
    private let past: ShopMeter
    private let startsInThePast: Bool

    /// - Parameter start: when the subscriptions begin; nil for now.
    init(store: MeterStore, settings: Settings, start: Timestamp?) {
        present = ShopMeter(store: store, settings: settings)
        past = start.map { ShopMeter(store: store, clock: StandingClock(time: $0), settings: settings) } ?? present
        startsInThePast = start != nil
    }

    /// Waits for what both services have under way.
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

    /// Returns false when the user is subscribed already. Throws `BadRow` for a row that cannot be imported, and `ServiceError` when the database is
    /// away, which ends the import.
    private func subscribe(_ user: String, to plan: String, of tenant: Tenant) async throws -> Bool {
        guard let user = UserID(rawValue: user), let plan = PlanName(rawValue: plan) else {
            throw BadRow(reason: "an id that is not \(UserID.form.expectation)")
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

    /// Throws `BadRow` when the user has usage already, so that no subscription can begin before it.
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
