import Testing

@testable import Metering

@Suite struct AccountStoryTests {
    struct Story: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let plan: Terms
        let steps: [Step]
        var testDescription: String { name }
    }

    struct Terms: Decodable, Sendable {
        let limit: Int64?
        let cap: Int64?
        let plain: Bool?
        var plan: Plan { MeteringTests.plan("p", tokens: limit, cap: cap, plain: plain == true ? [.tokens] : []) }
    }

    /// One of the verbs, with the numbers that must come of it.
    struct Step: Decodable, Sendable {
        let record, purchase, wait, amount, seconds: Int64?
        let hold, commit, release, expire, enforcement: String?
        let close, enforce, final: Bool?
        let adopt: Terms?
        let gives: Gives
    }

    struct Gives: Decodable, Sendable {
        let used, rollover, purchased, reserved, refused, held: Int64?
        /// `.some(nil)` is unlimited; `nil` is not compared.
        let remaining: Int64??
        let takes, alerts: [Int64]?
        let late, refusedByState: Bool?

        enum Keys: String, CodingKey {
            case used, rollover, purchased, reserved, refused, held, remaining, takes, alerts, late, refusedByState
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Keys.self)
            func number(_ key: Keys) throws -> Int64? { try values.decodeIfPresent(Int64.self, forKey: key) }
            (used, rollover, purchased) = (try number(.used), try number(.rollover), try number(.purchased))
            (reserved, refused, held) = (try number(.reserved), try number(.refused), try number(.held))
            remaining = values.contains(.remaining) ? .some(try number(.remaining)) : nil
            takes = try values.decodeIfPresent([Int64].self, forKey: .takes)
            alerts = try values.decodeIfPresent([Int64].self, forKey: .alerts)
            late = try values.decodeIfPresent(Bool.self, forKey: .late)
            refusedByState = try values.decodeIfPresent(Bool.self, forKey: .refusedByState)
        }
    }

    private static func stories() throws -> [Story] {
        try fixture(
            "account_stories.json",
            words: [
                "name", "plan", "limit", "cap", "plain", "steps", "gives", "record", "purchase", "wait", "amount", "seconds", "hold",
                "commit", "release", "expire", "enforcement", "close", "enforce", "final", "adopt", "used", "rollover", "purchased",
                "reserved", "refused", "held", "remaining", "takes", "alerts", "late", "refused_by_state",
            ])
    }

    @Test func `There are stories, each with a name of its own`() throws {
        let names = try Self.stories().map(\.name)
        #expect(names.count >= 25 && Set(names).count == names.count)
    }

    @Test(arguments: try Self.stories())
    func `A story goes as it is told`(story: Story) throws {
        var teller = StoryTeller(account: account(story.plan.plan))
        for (number, step) in story.steps.enumerated() {
            let outcome = try teller.perform(step)
            #expect(outcome.differences(from: step.gives, teller.account.tokens) == [], "step \(number + 1)")
        }
    }
}
