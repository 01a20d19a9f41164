import Testing

@testable import Service

@Suite struct GroupScheduleTests {
    private struct Command: Schedulable, Equatable {
        let lane: Int
        var owner = 0
        var number = 0
        var deadline = start + .seconds(4)
    }

    private static let start = ContinuousClock.now
    private let now = start

    private func schedule(_ commands: [Command], size: Int = 1_000) -> GroupSchedule<Command> {
        var schedule = GroupSchedule<Command>(size: GroupSize(maximum: size))
        schedule.add(commands, at: now)
        return schedule
    }

    /// Tries groups as if another transaction held these lanes, until nothing is to be done now. Returns what was committed, and the tries.
    private func run(_ schedule: inout GroupSchedule<Command>, held: Set<Int>) -> (committed: [Command], tries: Int) {
        var (committed, tries) = ([Command](), 0)
        while let group = schedule.next(at: now) {
            tries += 1
            if group.items.contains(where: { held.contains($0.lane) }) {
                schedule.retry(group, group.items, at: now, jitter: 1)
            } else {
                committed += group.items
                schedule.finish(group, at: now)
            }
        }
        return (committed, tries)
    }

    @Test func `One account that is held is found in a few tries, and all others are committed`() {
        var schedule = schedule((0..<1_000).map { Command(lane: $0) })
        let (committed, tries) = run(&schedule, held: [700])
        #expect(committed.count == 999 && !committed.contains { $0.lane == 700 })
        // Two tries as a whole, then two in each of ten rounds.
        #expect(tries <= 22)
        #expect(schedule.hasLoners && schedule.count == 1)
    }

    @Test func `A shop with one command is in the next group, however many another shop has waiting`() {
        var schedule = schedule((0..<1_000).map { Command(lane: $0) }, size: 100)
        _ = schedule.next(at: now)
        schedule.add([Command(lane: 5_000, owner: 1)], at: now)
        let next = schedule.next(at: now)
        #expect(next?.items.contains { $0.owner == 1 } == true)
    }

    @Test func `While several shops come, one has few commands in a group, and as many as fit when it is alone again`() {
        var schedule = schedule((0..<1_000).map { Command(lane: $0) }, size: 100)
        let alone = schedule.next(at: now)
        schedule.add([Command(lane: 5_000, owner: 1), Command(lane: 5_001, owner: 2)], at: now)
        let shared = schedule.next(at: now)
        let next = schedule.next(at: now + .milliseconds(999))
        let later = schedule.next(at: now + .seconds(1))
        #expect(alone?.items.count == 100 && shared?.items.count == 34 && next?.items.count == 32 && later?.items.count == 100)
        #expect(shared?.items.filter { $0.owner != 0 }.count == 2)
    }

    @Test func `Where many shops come, a group has its whole size`() {
        var schedule = schedule((0..<1_000).map { Command(lane: $0, owner: $0 % 50) }, size: 100)
        #expect(schedule.next(at: now)?.items.count == 100)
    }

    @Test func `Later commands of an account that waits join it, and those of others do not wait`() throws {
        var schedule = schedule([Command(lane: 1), Command(lane: 2)])
        _ = run(&schedule, held: [1])
        schedule.add([Command(lane: 1, number: 2), Command(lane: 3), Command(lane: 1, number: 3)], at: now)
        let others = schedule.next(at: now)
        #expect(others?.items == [Command(lane: 3)])
        let none = schedule.next(at: now)
        #expect(none == nil && schedule.count == 3)
        let wake = try #require(schedule.wakeTime)
        #expect(wake > now && wake < now + .milliseconds(10))
        let all = schedule.next(at: wake)
        #expect(all?.items.map(\.number) == [0, 2, 3])
    }

    @Test func `An account that waits is tried after pauses that grow, and its commands are given up at their time`() throws {
        var schedule = schedule([Command(lane: 1)])
        _ = run(&schedule, held: [1])
        var (time, tries) = (now, 0)
        while let next = schedule.wakeTime, next < now + .seconds(4) {
            time = next
            guard let group = schedule.next(at: time) else { continue }
            tries += 1
            schedule.retry(group, group.items, at: time, jitter: 1)
        }
        #expect((10...25).contains(tries), "\(tries)")
        let early = schedule.expire(at: now + .milliseconds(3_999))
        #expect(early.isEmpty)
        let over = schedule.expire(at: now + .seconds(4))
        #expect(over.map(\.item.lane) == [1] && over.allSatisfy(\.hasMet) && schedule.count == 0 && schedule.wakeTime == nil)
    }

    @Test func `When one that waited goes through, all that wait are tried together at once`() throws {
        var schedule = schedule((0..<8).map { Command(lane: $0) })
        _ = run(&schedule, held: Set(0..<8))
        let wake = try #require(schedule.wakeTime)
        let next = schedule.next(at: wake)
        let first = try #require(next)
        #expect(first.items.count == 1)
        schedule.finish(first, at: wake)
        let others = schedule.next(at: wake)
        #expect(others?.items.count == 7 && schedule.count == 0)
    }

    @Test func `New commands and groups that are tried again take turns`() throws {
        var schedule = schedule([Command(lane: 1), Command(lane: 2)])
        let next = schedule.next(at: now)
        let group = try #require(next)
        schedule.add([Command(lane: 3)], at: now)
        schedule.finish(group, leaving: group.items, at: now)
        let again = schedule.next(at: now)
        #expect(again?.items == group.items)
        let new = schedule.next(at: now)
        #expect(new?.items.map(\.lane) == [3])
    }

    @Test func `A group that cannot be stored is divided down to the command that fails alone, within an account too`() throws {
        var schedule = schedule((0..<6).map { Command(lane: $0 / 4, number: $0) })
        var (failed, stored) = ([Command](), [Command]())
        while let group = schedule.next(at: now) {
            if group.items.contains(where: { $0.number == 2 }) {
                if !schedule.divide(group, at: now) { failed += group.items }
            } else {
                stored += group.items
                schedule.finish(group, at: now)
            }
        }
        #expect(failed.map(\.number) == [2] && Set(stored.map(\.number)) == [0, 1, 3, 4, 5])
    }

    @Test func `No more than a transaction takes are tried together, half as many after one that took too long`() throws {
        var schedule = schedule((0..<100).map { Command(lane: $0) }, size: 40)
        schedule.size.shrink()
        let next = schedule.next(at: now)
        let group = try #require(next)
        #expect(group.items.count == 20)
        schedule.finish(group, at: now)
        #expect(schedule.size.current == 25)
        for _ in 0..<10 { schedule.size.grow() }
        #expect(schedule.size.current == 40)
        for _ in 0..<10 { schedule.size.shrink() }
        #expect(schedule.size.current == 1)
        schedule.size.grow()
        #expect(schedule.size.current == 2)
    }
}
