import Metering
import Synchronization

/// The name of a request in logs and answers: the caller's, or one made here.
final class RequestIDs: Sendable {
    /// Tells this process from every other one; ids are no secret.
    private let prefix = String(UInt64.random(in: .min ... .max), radix: 36)
    private let count = Atomic<UInt64>(0)

    /// The caller's `X-Request-Id` when it is an id, else a new one.
    func id(given: String?) -> String {
        if let given, IdentifierText.isValid(given) { return given }
        let number = count.add(1, ordering: .relaxed).newValue
        return "\(prefix)-\(String(number, radix: 36))"
    }
}
