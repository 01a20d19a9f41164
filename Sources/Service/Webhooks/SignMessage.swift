internal import Crypto
internal import Foundation
package import Metering
internal import Store

/// The signature of a message, as Standard Webhooks say.
package enum WebhookSignature {
    /// The header `webhook-signature`: `v1,` and the HMAC of `id.timestamp.body` for each secret, with a space between two.
    /// - Parameter seconds: the header `webhook-timestamp`, since 1970.
    package static func header(
        of id: WebhookMessageID, at seconds: Int64, _ body: String, by secrets: [String]
    ) throws -> String {
        let signed = Array("\(id).\(seconds).\(body)".utf8)
        return try secrets.map { secret in
            let key = Data(base64Encoded: secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret) ?? Data()
            return "v1," + Data(try HMACSHA256.authenticate(signed, key: Array(key))).base64EncodedString()
        }.joined(separator: " ")
    }
}
