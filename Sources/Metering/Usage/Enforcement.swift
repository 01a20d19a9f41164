/// Whether limits count. An operator who does not bill lifts them: everything is recorded, and nothing is refused or owed.
package enum Enforcement: String, CaseIterable, Sendable {
    case on, off
}

extension MeterBalance {
    /// The balance as rules see it: without a limit while enforcement is off.
    package func under(_ enforcement: Enforcement) -> MeterBalance {
        guard enforcement == .off else { return self }
        var lifted = self
        lifted.limit = .unlimited
        return lifted
    }

    func keeping(limit: Limit) -> MeterBalance {
        var balance = self
        balance.limit = limit
        return balance
    }
}

extension Account {
    package func under(_ enforcement: Enforcement) -> Account {
        var lifted = self
        for index in meters.indices { lifted.meters[index] = meters[index].under(enforcement) }
        return lifted
    }
}
