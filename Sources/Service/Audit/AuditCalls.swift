internal import Metering
internal import Store

extension ShopMeter {
    /// Holds each call against its event and the entry of its charge, which were stored with it.
    func auditCalls(of tenant: Tenant, _ done: inout AuditProgress, found: (AuditFinding) throws -> Void) async throws {
        var differences = 0
        try await forEachPage(of: RecordedCall.self, in: tenant) { calls in
            let (events, entries) = try await read { reading in
                (
                    try UsageEvents.find(calls.map { EventKey(of: $0, in: tenant) }, reading),
                    try WalletEntries.find(Set(calls.map { .charge($0.id.charge, tenant) }), reading)
                )
            }
            for call in calls {
                let entry = entries[.charge(call.id.charge, tenant)]
                for difference in call.differences(event: events[EventKey(of: call, in: tenant)], entry: entry) {
                    differences += 1
                    try found(AuditFinding(shop: tenant.shop, user: call.content.charge.user, difference: difference))
                }
            }
        }
        done.differences += differences
    }
}
