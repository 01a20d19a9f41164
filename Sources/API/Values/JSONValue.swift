import JSON
import Metering
import Service

/// A small value that has one form in JSON.
protocol JSONValue {
    var json: JSON { get }
}

extension Optional where Wrapped: JSONValue {
    /// Null for nil.
    var json: JSON { map(\.json) ?? .null }
}

extension JSONValue where Self: Identifier {
    var json: JSON { .string(rawValue) }
}

extension JSONValue where Self: RawRepresentable<String> {
    var json: JSON { .string(rawValue) }
}

extension ShopID: JSONValue {}
extension KeyID: JSONValue {}
extension UserID: JSONValue {}
extension EventID: JSONValue {}
extension PurchaseID: JSONValue {}
extension ReservationID: JSONValue {}
extension PlanName: JSONValue {}
extension InvoiceNumber: JSONValue {}
extension CreditNoteNumber: JSONValue {}
extension TransactionID: JSONValue {}
extension Meter: JSONValue {}
extension SubscriptionID: JSONValue {}
extension ProjectID: JSONValue {}
extension ChargeID: JSONValue {}
extension CreditID: JSONValue {}
extension StripeEventID: JSONValue {}
extension StripeSubscriptionID: JSONValue {}

extension String: JSONValue {
    var json: JSON { .string(self) }
}

extension Int64: JSONValue {
    var json: JSON { .integer(self) }
}

extension Int: JSONValue {
    var json: JSON { .integer(Int64(self)) }
}

extension Bool: JSONValue {
    var json: JSON { .bool(self) }
}

extension Timestamp: JSONValue {
    var json: JSON { .string(rfc3339) }
}

extension CivilDay: JSONValue {
    var json: JSON { .string(iso) }
}

extension Limit: JSONValue {
    /// Null for an unlimited one.
    var json: JSON { quantity.json }
}

extension Money: JSONValue {
    var json: JSON { .string(text) }

    /// The amount with the digits of the currency's smallest amount at least.
    func json(in currency: Currency) -> JSON { .string(text(in: currency)) }

    /// The amount as wallets show it: with at least four digits after the point.
    var walletJSON: JSON { .string(text(digits: 4)) }
}

extension Currency: JSONValue {
    var json: JSON { .string(code) }
}

extension ProrationBasis: JSONValue {}
extension TrialPolicy: JSONValue {}

extension BillingCycle: JSONValue {
    var json: JSON { .string(text) }
}

extension JSON.Object {
    /// These fields, then those of `more`. No name may be in both.
    func followed(by more: JSON.Object) -> JSON.Object { JSON.Object(unique: fields + more.fields) }

    /// An object of fields whose names differ.
    init(_ fields: KeyValuePairs<String, JSON>) {
        self.init(unique: fields.map { Field(name: $0.key, value: $0.value) })
    }
}
