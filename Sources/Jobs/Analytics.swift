internal import Metering
internal import Service
internal import Store

extension Job {
    /// Keeps the numbers of each day that is over.
    package static let analytics = Job(name: "analytics", counts: ["days_kept"], due: [.days]) { shop in
        ["days_kept": try await shop.keepAnalytics()]
    }
}

extension ShopTurn {
    /// Keeps the numbers of each day that is over and is not kept yet, the oldest first.
    func keepAnalytics() async throws -> Int {
        var count = 0
        while let day = try await service.nextAnalyticsDay(of: tenant, at: now) {
            try await service.keepAnalytics(day, of: tenant, lease: held())
            count += 1
        }
        return count
    }
}
