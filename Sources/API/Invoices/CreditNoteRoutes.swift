import HTTP
import JSON
import Metering
import Service
import Web

/// What was taken back of invoices.
struct CreditNoteRoutes: Sendable {
    let service: ShopMeter

    var all: [Route] { [list, get] }

    private var list: Route {
        Route(
            .get, "/v1/credit-notes", id: "listCreditNotes", "The credit notes",
            description: "An invoice that was issued is lowered, cancelled or refunded only with a note of its own number.",
            tag: InvoiceRoutes.tag, access: .shop(.billingRead, endUser: true),
            parameters: [
                .query("user_id", .clientID, "Only those of this user."),
                .query("invoice_number", .identifier, "Only those of this invoice."),
            ] + Page.parameters,
            answers: [.json(200, "Credit notes, newest first", Page.schema(of: CreditNote.schema))]
        ) { call in
            let list = CreditNoteList(
                of: try call.parameters.identifier(ifAny: "user_id"), invoice: try call.parameters.identifier(ifAny: "invoice_number"))
            return try await call.answer("credit_notes", list, keyedBy: .timeAndID(), from: service) { .object($0.object) }
        }
    }

    private var get: Route {
        Route(
            .get, "/v1/credit-notes/{number}", id: "getCreditNote", "One credit note", description: "As `text/html` it is a page to print.",
            tag: InvoiceRoutes.tag, access: .shop(.billingRead, endUser: true),
            parameters: [InvoiceRoutes.number, .query("user_id", .clientID, "Only if it is this user's."), InvoiceRoutes.language],
            answers: [.json(200, "The credit note", CreditNote.schema, or: [MediaType.html])], problems: [.notFound]
        ) { call in
            let tenant = try call.tenant
            let note = try await service.creditNote(
                try call.parameters.identifier("number"), of: tenant, user: try call.parameters.identifier(ifAny: "user_id"))
            guard call.mediaType == MediaType.html else { return .json(200, .object(note.object)) }
            let wording = try await InvoiceRoutes.wording(for: note.user, call, service)
            return try CreditNotePage(note: note, shop: try await service.shop(of: tenant), wording: wording).response()
        }
    }
}
