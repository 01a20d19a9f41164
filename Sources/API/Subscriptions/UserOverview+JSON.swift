import JSON
import Metering
import Service
import Web

extension UserOverview {
    static let schema = Schema.answer(
        UsageSummary.standingFields + [
            .required("pending_change", .nullable(PendingChange.schema), "A plan change that waits for the period's end."),
            .required("open_holds", .array(of: Reservation.schema, count: 0...Self.maximumHolds), "The first to expire first."),
            .required("wallet", .nullable(Wallet.schema), "Null: the user has none."),
        ]
    ).named("User")

    var json: JSON {
        let pending = summary.subscription.flatMap { subscription in subscription.pending?.json(at: subscription.period.end) }
        return .object(
            summary.standing.followed(
                by: JSON.Object([
                    "pending_change": pending ?? .null, "open_holds": .array(openHolds.map { .object($0.object) }),
                    "wallet": wallet?.json ?? .null,
                ])))
    }
}
