internal import Foundation
internal import HTTPClient
internal import Metering
internal import Service
internal import Store

/// Sends the messages of a line, one after another, until one fails.
struct MessageSender: Sendable {
    /// For how long a line is gone on with; what is left of it comes again.
    private static let patience = Duration.seconds(10)

    let client: HTTPClient
    let now: @Sendable () -> Timestamp

    /// The messages that were sent, each with its attempt. `isTrusted`: whether another one may be sent.
    func send(_ line: DeliveryLine, while isTrusted: () -> Bool) -> [WebhookDelivery] {
        var sent: [WebhookDelivery] = []
        let begin = ContinuousClock.now
        for delivery in line.deliveries {
            guard isTrusted(), sent.isEmpty || ContinuousClock.now - begin < Self.patience else { break }
            var delivery = delivery
            let attempt = send(delivery, to: line.endpoint)
            delivery.note(attempt)
            sent.append(delivery)
            guard attempt.isSuccess else { break }
        }
        return sent
    }

    private func send(_ delivery: WebhookDelivery, to endpoint: StoredEndpoint) -> WebhookAttempt {
        let (at, begin) = (now(), ContinuousClock.now)
        func attempt(status: Int64?, answer: String? = nil, error: String? = nil) -> WebhookAttempt {
            WebhookAttempt(
                at: at, milliseconds: Int64((ContinuousClock.now - begin) / .milliseconds(1)), status: status, answer: answer, error: error)
        }
        do {
            let response = try client.send(try message(delivery, to: endpoint, at: at))
            return attempt(status: Int64(response.status), answer: Self.text(response.answer))
        } catch let failure as CallFailure {
            return attempt(status: nil, error: failure.reason)
        } catch {
            return attempt(status: nil, error: "the message could not be signed")
        }
    }

    private func message(_ delivery: WebhookDelivery, to endpoint: StoredEndpoint, at now: Timestamp) throws -> HTTPClient.Message {
        let (url, seconds) = (endpoint.endpoint.url, now.milliseconds / 1_000)
        let secrets = endpoint.secrets.filter { $0.counts(at: now) }.map(\.text)
        let signature = try WebhookSignature.header(of: delivery.message, at: seconds, delivery.body, by: secrets)
        return HTTPClient.Message(
            isSecure: url.isSecure, host: url.host, port: url.port, authority: url.authority, target: url.target,
            headers: [
                ("user-agent", "ShopMeter-Webhooks"), ("content-type", "application/json"), ("accept", "*/*"),
                ("webhook-id", delivery.message.rawValue), ("webhook-timestamp", String(seconds)), ("webhook-signature", signature),
            ], body: Array(delivery.body.utf8))
    }

    /// The answer as text of at most `WebhookAttempt.maximumAnswer` bytes, without U+0000.
    private static func text(_ bytes: [UInt8]) -> String {
        var text = String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self)
        // What is no UTF-8 becomes U+FFFD, which has three bytes.
        while text.utf8.count > WebhookAttempt.maximumAnswer { text.removeLast() }
        return text
    }
}
