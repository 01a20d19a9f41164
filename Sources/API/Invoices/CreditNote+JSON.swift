import JSON
import Metering
import Service
import Web

extension CreditNote {
    static let fields: [Schema.Field] = [
        .required("number", .identifier, "`AVOIR-{YYYYMM}-{XXXX}`: gapless in each shop and month."), .required("user_id", .clientID),
        .required("invoice_number", .identifier, "Of the invoice of which it takes something back."),
        .required(
            "reason", .choice(of: Reason.self, named: "CreditNoteReason"),
            "Money was given back, the invoice was cancelled, or a change or credit lowered it."),
        .required("description", .string(0...maximumWords)), .required("refund_id", .nullable(.clientID)),
        .required("currency", .currency), .required("amount", .moneySum, "With the taxes; above 0."),
        .required("subtotal", .moneySum, "The amount without the taxes."), .required("tax", .moneySum),
        .required("taxes", .array(of: TaxLine.schema), "The part of each tax of the invoice that is taken back."),
        .required("issued_at", .time), .required("seller", InvoiceParty.schema), .required("customer", InvoiceParty.schema),
    ]
    static let schema = Schema.answer(fields).named("CreditNote")

    var object: JSON.Object {
        JSON.Object([
            "number": number.json, "user_id": user.json, "invoice_number": invoice.json, "reason": .string(reason.rawValue),
            "description": words.json, "refund_id": reference.json, "currency": currency.json, "amount": amount.json(in: currency),
            "subtotal": subtotal.json(in: currency), "tax": tax.json(in: currency),
            "taxes": .array(taxes.map { $0.json(in: currency) }), "issued_at": issuedAt.json, "seller": seller.json,
            "customer": customer.json,
        ])
    }
}
