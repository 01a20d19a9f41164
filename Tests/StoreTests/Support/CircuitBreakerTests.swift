import Testing

@testable import Store

@Suite struct CircuitBreakerTests {
    let start = ContinuousClock.now

    @Test func `While the database is away, one call at a time finds out whether it is back`() {
        let breaker = CircuitBreaker()
        #expect(breaker.admits(at: start) && breaker.admits(at: start))
        breaker.note(.away, at: start)
        #expect(breaker.admits(at: start + .milliseconds(900)), "a short absence is waited out")
        #expect(breaker.admits(at: start + .seconds(2)))
        #expect(!breaker.admits(at: start + .seconds(2)), "another one is asking")
        breaker.note(.away, at: start + .seconds(4))
        #expect(breaker.admits(at: start + .seconds(4)))
        breaker.note(.nothing, at: start + .seconds(4))
        #expect(breaker.isOpen && breaker.admits(at: start + .seconds(4)), "that one found out nothing")
        breaker.note(.answered, at: start + .seconds(5))
        #expect(breaker.admits(at: start + .seconds(5)) && breaker.admits(at: start + .seconds(5)) && !breaker.isOpen)
    }
}
