import JSON
import Metering
import Support
import Testing

@testable import API

struct TokenFuzzTests {
    @Test func `No changed token is anybody's`() async throws {
        let tokens = try [TestToken.signed(), TestToken.signed(TestToken.claims(["nbf": 0, "aud": ["shopmeter"]]))]
        var fuzzing = Fuzzing("jwt", samples: tokens, words: [".", "..", "=", "e30", "eyJhbGciOiJub25lIn0", "-", "_"])
        try await fuzzing.run(rounds: 5_000) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard !tokens.contains(text) else { return }
            try #require(try TestToken.user(of: text) == nil, "\(text)")
        }
    }

    @Test func `Whatever stands under a valid signature, it is this user's token or none`() async throws {
        let claims = [
            TestToken.claims(), TestToken.claims(["nbf": 0, "iat": .number("1.5"), "aud": ["a", "shopmeter"], "more": ["a": [1]]]),
        ]
        var fuzzing = Fuzzing(
            "claims", samples: claims, words: ["\"aud\":\"shopmeter\"", "1e9", "-1", "null", "\"exp\":9999999999999", "[", "}"])
        try await fuzzing.run(rounds: 5_000) { bytes in _ = try TestToken.user(of: TestToken.signed(bytes)) }
    }

    @Test func `Whatever Stripe's event says, it is read or refused`() async throws {
        let subscription =
            #"{"id":"sub_1","metadata":{"user_id":"ada"},"status":"active","cancel_at":null,"items":{"data":[{"price":{"id":"p"}}]}}"#
        let invoice =
            #"{"id":"in_1","subscription":"sub_1","amount_paid":2900,"currency":"eur","metadata":{"user_id":"ada"},"payment_intent":"pi"}"#
        let events = ["customer.subscription.updated", "customer.subscription.deleted", "invoice.payment_succeeded", "charge.refunded"]
            .flatMap { type in
                [subscription, invoice].map {
                    #"{"id":"evt_1","type":"\#(type)","created":1790000000,"livemode":false,"data":{"object":\#($0)}}"#
                }
            }
        var (fuzzing, read) = (
            Fuzzing("stripe", samples: events, words: ["null", "-1", "9999999999999999999", "1e400", "[]", "{}", "\"data\":"]), 0
        )
        try await fuzzing.run(rounds: 10_000) { bytes in
            guard let body = try? JSON(parsing: bytes) else { return }
            if (try? StripeEvent(body)) != nil { read += 1 }
        }
        #expect(read > 50)
    }
}
