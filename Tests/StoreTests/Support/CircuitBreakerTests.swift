import Testing

@testable import Store

@Suite struct CircuitBreakerTests {
    let start = ContinuousClock.now

    @Test func `While the database is away, one call at a time finds out whether it is back`() {
        let outage = CircuitBreaker()
        #expect(outage.admits(at: start) && outage.admits(at: start))
        outage.note(isAway: true, at: start)
        #expect(outage.admits(at: start + .milliseconds(900)), "a short absence is waited out")
        #expect(outage.admits(at: start + .seconds(2)))
        #expect(!outage.admits(at: start + .seconds(2)), "another one is asking")
        outage.note(isAway: true, at: start + .seconds(4))
        #expect(outage.admits(at: start + .seconds(4)))
        outage.note(isAway: false, at: start + .seconds(5))
        #expect(outage.admits(at: start + .seconds(5)) && outage.admits(at: start + .seconds(5)) && !outage.isKnown)
    }
}
