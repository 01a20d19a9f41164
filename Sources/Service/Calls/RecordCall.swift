package import Metering
internal import Store

/// What a call would come to.
package struct CallEstimate: Equatable, Sendable {
    package let charge: Charge
    /// The most that one of the wallets has; nil where there is none, so that nothing is to be paid.
    package let available: Money?
    /// Whether its tokens are left.
    package let check: UsageCheck

    package var isSufficient: Bool { charge.isFree || available.map { charge.cost <= $0 } ?? true }
}

extension ShopMeter {
    /// Counts a call of a model, charges it where the project or the user has a wallet, and ends its hold, in one transaction: all of it or nothing, once
    /// for the call's id. `object` is the maker's usage object as JSON. When nobody can pay, throws `insufficientBalance`, and a billing error is kept.
    package func recordCall(
        _ id: CallID, _ content: CallContent, object: String, enforce: Bool, for tenant: Tenant
    ) async throws -> CallAnswer {
        let answer = try await commits.perform(.call(CallCommand(id, content, object: object, enforce: enforce, of: tenant))).call.get()
        note(answer.usage, in: tenant)
        return answer
    }

    package func newCallID() throws -> CallID { CallID(stored: "call_" + (try newToken())) }

    /// The cost of a call by the price in force now, whether it can be paid, and whether its tokens are left. Changes nothing.
    package func estimateCall(_ content: CallContent, for tenant: Tenant) async throws -> CallEstimate {
        let command = ChargeCommand(
            tenant: tenant, id: ChargeID(stored: ""), content: content.charge, provider: content.provider, needsNoWallet: true)
        let clocks = clocks
        let check = try await checkUsage(content.event.amount, of: content.meter, for: content.charge.user, in: tenant)
        return try await read { reading in
            let basis = try ChargeBasis([command], clocks: clocks, reading)
            let (project, user) = (command.project.flatMap { basis.wallets[$0] }, basis.wallets[command.user])
            let charge = try command.charge(at: basis.prices[command.model], project: project)
            let hasWallet = project != nil || user != nil
            return CallEstimate(
                charge: charge,
                available: hasWallet ? Charge.available(project: project, user: user, at: basis.times.of(tenant)) : nil, check: check)
        }
    }

    /// Holds the tokens that a call may take, for `seconds`, once for the call's id. Throws `insufficientBalance` when nobody can pay the most that it
    /// may cost, and keeps a billing error; money is not held.
    package func holdCall(
        _ id: CallID, _ content: CallContent, seconds: Int64, for tenant: Tenant
    ) async throws -> (hold: ReservationAnswer, estimate: CallEstimate) {
        let estimate = try await estimateCall(content, for: tenant)
        let isHeld = try await read { try Reservations.find(id.hold, of: tenant, $0) } != nil
        if !isHeld, !estimate.isSufficient { try await refuse(id, content, for: tenant) }
        let request = ReservationRequest(
            id: id.hold, user: content.charge.user, meter: content.meter, amount: content.event.amount, seconds: seconds)
        return (try await holdReservation(request, for: tenant), estimate)
    }

    /// Throws `insufficientBalance`, and keeps the billing error as for a charge, when nobody can pay the call. The call itself, once it is paid,
    /// resolves it.
    private func refuse(_ id: CallID, _ content: CallContent, for tenant: Tenant) async throws {
        let command = ChargeCommand(
            tenant: tenant, id: id.charge, content: content.charge, provider: content.provider, needsNoWallet: true)
        let clocks = clocks
        let refusal: ServiceError? = try await retryingDuplicates {
            try await transaction { transaction in
                let settlement = ChargeSettlement([command], on: try ChargeBasis([command], clocks: clocks, transaction))
                // A charge that could be made after all is not: nothing was used yet.
                guard case .failure(let error) = settlement.outcomes[0] else { return nil }
                try BillingErrors.save(settlement.errors, in: transaction)
                return error
            }
        }
        if let refusal { throw refusal }
    }

    package func call(_ id: CallID, in tenant: Tenant) async throws -> RecordedCall {
        let key = CallKey(tenant: tenant, id: id)
        guard let found = try await read({ try Calls.find([key], $0)[key] }) else {
            throw ServiceError.notFound("There is no call \(id).")
        }
        return found
    }
}
