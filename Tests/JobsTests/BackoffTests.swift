import Testing

@testable import Jobs

@Suite struct BackoffTests {
    private struct Cause: Error {}

    @Test func `A job that fails waits longer each time, the others do not, and a success forgets it`() {
        var backoff = JobBackoff()
        let start = ContinuousClock.now
        var now = start
        for wait in [10, 20, 40, 80, 160, 320, 600, 600] {
            #expect(backoff.admits(.rollover, at: now) && backoff.admits(.expiry, at: now))
            backoff.note(.failed(job: "rollover", error: Cause()), of: .rollover, at: now)
            #expect(!backoff.admits(.rollover, at: now + .seconds(wait) - .milliseconds(1)))
            now += .seconds(wait)
        }
        backoff.note(.heldElsewhere(job: "rollover"), of: .rollover, at: now)
        #expect(backoff.admits(.rollover, at: now))
    }
}
