import Testing

@testable import HTTPServer

struct DeadlineWheelTests {
    private static let millisecond: UInt64 = 1_000_000
    private static let start: UInt64 = 1_000_000_000_000

    private func token(_ number: Int) -> Token { Token(file: Int32(number), serial: 1) }

    @Test func `Each deadline fires once, never early, and late by a bucket at most`() {
        var wheel = DeadlineWheel(now: Self.start)
        let deadlines = (0..<2000).map { Self.start + UInt64($0 * 7919 % 60_000) * Self.millisecond }
        for (number, deadline) in deadlines.enumerated() { wheel.insert(token(number), tick: wheel.tick(of: deadline)) }
        var fired = 0
        for now in stride(from: Self.start, through: Self.start + 61_000 * Self.millisecond, by: Int(5 * Self.millisecond)) {
            for entry in wheel.advance(to: now) {
                let deadline = deadlines[Int(entry.token.file)]
                #expect(deadline <= now && now - deadline <= 21 * Self.millisecond)
                fired += 1
            }
        }
        #expect(fired == deadlines.count)
        #expect(wheel.millisecondsToNext(now: Self.start) == -1)
    }

    @Test func `After a long stop all that is due fires at once`() {
        var wheel = DeadlineWheel(now: Self.start)
        for number in 0..<100 { wheel.insert(token(number), tick: wheel.tick(of: Self.start + UInt64(number) * 600 * Self.millisecond)) }
        #expect(wheel.advance(to: Self.start + 3_600_000 * Self.millisecond).count == 100)
        #expect(wheel.advance(to: Self.start + 7_200_000 * Self.millisecond).isEmpty)
    }

    @Test func `A deadline beyond the wheel's turn is looked at when the turn ends`() {
        var wheel = DeadlineWheel(now: Self.start)
        let deadline = Self.start + 3_600_000 * Self.millisecond
        let tick = wheel.tick(of: deadline)
        wheel.insert(token(1), tick: tick)
        let wait = wheel.millisecondsToNext(now: Self.start)
        #expect(wait > 60_000 && wait < 70_000)
        #expect(wheel.advance(to: Self.start + 59_000 * Self.millisecond).isEmpty)
        #expect(wheel.advance(to: Self.start + 70_000 * Self.millisecond).map(\.tick) == [tick])
        #expect(wheel.tick(of: deadline) > tick)
    }

    @Test func `No deadline is no entry to wait for`() {
        let wheel = DeadlineWheel(now: Self.start)
        #expect(wheel.tick(of: DeadlineWheel.never) == DeadlineWheel.never)
        #expect(wheel.millisecondsToNext(now: Self.start) == -1)
    }
}
