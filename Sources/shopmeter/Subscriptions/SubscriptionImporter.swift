internal import Metering
internal import Service
internal import Store

/// Subscribes the users of a CSV file to plans, as of an instant in the past.
struct SubscriptionImporter {
    let service: ShopMeter
    /// When the subscriptions begin; nil for now, or for what the start column says.
    let start: Timestamp?

    func run(_ options: SubscriptionImportOptions) async throws -> ImportSummary {
        let tenant = try await service.shop(options.shop).tenant
        let columns = [options.userColumn, options.planColumn] + [options.startColumn].compactMap(\.self)
        var reader = try CSVReader(options.file, wanted: columns)
        let (user, plan) = (try reader.index(of: options.userColumn), try reader.index(of: options.planColumn))
        let startColumn = try options.startColumn.map { try reader.index(of: $0) }
        var summary = ImportSummary()
        while let piece = try reader.next() {
            for row in piece.rows {
                try Task.checkCancellation()
                do {
                    let fields = try row.fields.get()
                    let start = try startColumn.map { try Self.start(fields[$0]) } ?? start
                    summary.add(isDuplicate: try await !subscribe(fields[user], to: fields[plan], from: start, of: tenant))
                } catch let error as BadRow {
                    summary.reject(line: row.line, reason: error.reason)
                }
            }
        }
        return summary
    }

    private static func start(_ text: String) throws(BadRow) -> Timestamp {
        guard let time = ImportTime.parse(text) else { throw BadRow(reason: "a start that is not \(ImportTime.expectation)") }
        return time
    }

    /// Returns false when the user is subscribed already. Throws `BadRow` for a row that cannot be imported, and `ServiceError` when the database is
    /// away, which ends the import.
    private func subscribe(_ user: String, to plan: String, from start: Timestamp?, of tenant: Tenant) async throws -> Bool {
        guard let user = UserID(rawValue: user), let plan = PlanName(rawValue: plan) else {
            throw BadRow(reason: "an id that is not \(UserID.form.expectation)")
        }
        do {
            if try await isSubscribed(user, from: start, tenant) { return false }
            let now = try await service.now(of: tenant)
            if let start, start > now { throw BadRow(reason: "a start that is to come by the shop's clock, which says \(now.rfc3339)") }
            var request = SubscriptionRequest(user: user, action: .create, planName: plan)
            request.startsAt = start
            request.billedFrom = start == nil ? nil : now
            _ = try await service.changeSubscription(request, of: tenant, by: .command)
            return true
        } catch let error as ServiceError {
            if case .databaseUnavailable = error { throw error }
            throw BadRow(reason: Failure(error).description)
        }
    }

    /// Throws `BadRow` when the user has usage already, so that no subscription can begin before it.
    private func isSubscribed(_ user: UserID, from start: Timestamp?, _ tenant: Tenant) async throws -> Bool {
        do {
            if try await service.subscription(of: user, in: tenant).subscription.isLive { return true }
        } catch ServiceError.notFound {}
        if start != nil, try await service.usage(of: user, in: tenant).account.lifetime.queries > 0 {
            throw BadRow(reason: "a user who has usage already and cannot begin in the past")
        }
        return false
    }
}
