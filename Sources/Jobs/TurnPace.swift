internal import Metering
internal import Service
internal import Synchronization

/// How large the groups of a turn are, and how fast they follow one another, so that recording in between goes on. Shared by the turn's parts.
final class TurnPace: Sendable {
    private let groups: Mutex<GroupSize>

    init(maximum: Int = PeriodCloser.group) { groups = Mutex(GroupSize(maximum: maximum)) }

    /// The maximum of users in the next group.
    var size: Int { groups.withLock { $0.current } }

    /// Does a group's work and then gives way to events, while such come. A group that the database did not take in time halves the next ones, which
    /// grow back one by one.
    func paced<Result>(_ service: ShopMeter, _ work: () async throws -> Result) async throws -> Result {
        let start = ContinuousClock.now
        do {
            let result = try await work()
            groups.withLock { $0.grow() }
            try await service.giveWay(after: .now - start)
            return result
        } catch ServiceError.databaseUnavailable {
            groups.withLock { $0.shrink() }
            throw ServiceError.databaseUnavailable
        }
    }
}
