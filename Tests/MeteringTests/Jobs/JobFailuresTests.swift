import Metering
import Testing

@Suite struct JobFailuresTests {
    private let start = Timestamp(milliseconds: 1_000_000)
    private let shop = ShopID(stored: "shop")

    private func user(_ name: String) -> JobFailure.Subject { .init(shop: shop, user: UserID(stored: name)) }

    @Test func `Each failure in a row waits twice as long, at most ten minutes`() {
        #expect((1...8).map { JobPause.seconds(after: $0) } == [10, 20, 40, 80, 160, 320, 600, 600])
        #expect(JobPause.seconds(after: .max) == 600)
    }

    @Test func `Who failed is passed over in the turn and until the pause is over, then tried, and forgotten when it worked`() {
        var turn = JobFailures()
        turn.note(user("a"), error: "e", at: start)
        #expect(turn.excluded(in: shop, at: start) == [UserID(stored: "a")])
        turn.finish(shop, at: start)
        var next = JobFailures(turn.list)
        #expect(next.excluded(in: shop, at: start.adding(milliseconds: 9_999)) == [UserID(stored: "a")])
        next.finish(shop, at: start.adding(milliseconds: 9_999))
        #expect(next.list.count == 1, "it was not tried")
        let later = start.adding(milliseconds: 10_000)
        #expect(next.excluded(in: shop, at: later) == [])
        next.finish(shop, at: later)
        #expect(next.list == [])
    }

    @Test func `A shop that failed as a whole waits, and its users' failures are kept`() {
        var turn = JobFailures()
        let whole = JobFailure.Subject(shop: shop, user: nil)
        turn.note(user("a"), error: "e", at: start)
        turn.note(whole, error: "e", at: start)
        turn.finish(shop, at: start)
        #expect(turn.waits(shop, at: start) && !turn.waits(ShopID(stored: "other"), at: start))
        #expect(turn.list.map(\.subject) == [whole, user("a")])
        #expect(!JobFailures(turn.list, tryingAll: true).waits(shop, at: start))
    }

    @Test func `However many fail, so many are remembered`() {
        var turn = JobFailures()
        for number in 0..<500 { turn.note(user("u\(number)"), error: "e", at: start) }
        #expect(turn.list.count == JobFailures.maximum && turn.failedUsers(in: shop) == 500)
        #expect(turn.excluded(in: shop, at: start).count == 500, "each is passed over in this turn")
        turn.finish(shop, at: start)
        #expect(JobFailures(turn.list).list.count == JobFailures.maximum)
    }
}
