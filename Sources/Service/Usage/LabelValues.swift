package import Metering
internal import Store

extension ShopMeter {
    /// Gives a dimension's value a name for people. Returns whether it had none.
    package func putLabel(_ label: String, on place: LabelKey, in tenant: Tenant) async throws -> Bool {
        try await retryingDuplicates { try await write { try Labels.put(label, on: place, of: tenant, $0) } }
    }

    /// A dimension's labels in the order of the values' bytes, from behind `value`.
    package func labels(
        of dimension: String, in tenant: Tenant, after value: String?, limit: Int
    ) async throws -> [(value: String, label: String)] {
        try await read { try Labels.list(of: dimension, in: tenant, after: value, limit: limit, $0) }
    }
}
