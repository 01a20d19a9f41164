import Metering

extension InvoiceWording {
    static let english = InvoiceWording(
        code: "en", invoice: "Invoice", creditNote: "Credit note", billedTo: "Billed to", seller: "Seller", plan: "Plan", issued: "Issued",
        due: "Due", paid: "Paid", payment: "Payment", taxID: "Tax id", item: "For", time: "Time", amount: "Amount", fees: "Fees",
        credit: "Credit", refunded: "Refunded", withoutTax: "Without tax", noTax: "No tax", included: ", included", total: "Total",
        ofInvoice: "Of the invoice", reason: "Reason", datesAreUTC: "Dates are UTC",
        statuses: [.pending: "open", .paid: "paid", .overdue: "overdue", .cancelled: "cancelled", .refunded: "refunded"],
        reasons: [.refund: "Refund", .cancellation: "Cancellation", .reduction: "Reduction"],
        months: [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
        ], to: "–", decimalPoint: ".", thousands: ",", firstDay: "1", space: "", phrases: [:], over: { "\($0) over the allowance" })
}
