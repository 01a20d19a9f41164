import HTTP
import JSON
import Metering
import Service
import Web

/// Invoices, and the transactions that their steps write.
struct InvoiceRoutes: Sendable {
    let service: ShopMeter

    static let tag = "invoices"
    static let number = Parameter.path("number")

    var all: [Route] { [list, get, pay, cancel, refund, transactions] }

    private var list: Route {
        Route(
            .get, "/v1/invoices", id: "listInvoices", "The invoices", tag: Self.tag, access: .shop(.billingRead, endUser: true),
            parameters: [
                .query("user_id", .clientID, "Only those of this user."),
                .query("status", Invoice.statusSchema, "Only those that are in it now."),
            ] + Page.parameters,
            answers: [.json(200, "Invoices, newest first", Page.schema(of: Invoice.schema))], handle: listInvoices)
    }

    private func listInvoices(_ call: Call) async throws -> Response {
        let list = InvoiceList(
            of: try call.parameters.identifier(ifAny: "user_id"),
            status: try call.parameters.value(ifAny: "status", InvoiceStatus.init(rawValue:)), at: try await service.now(of: call.tenant))
        return try await call.answer("invoices", list, keyedBy: .timeAndID(), from: service) { .object($0.object) }
    }

    private var get: Route {
        Route(
            .get, "/v1/invoices/{number}", id: "getInvoice", "One invoice", description: "As `text/html` it is a page to print.",
            tag: Self.tag,
            access: .shop(.billingRead, endUser: true),
            parameters: [Self.number, .query("user_id", .clientID, "Only if it is this user's."), Self.language],
            answers: [.json(200, "The invoice", Invoice.schema, or: [MediaType.html])], problems: [.notFound], handle: getInvoice)
    }

    static let language = Parameter.query(
        "language", UserProfileInput.language, "Of the page to print; the customer's, when left out, else English.")

    /// The words of a page about a user.
    static func wording(for user: UserID, _ call: Call, _ service: ShopMeter) async throws -> InvoiceWording {
        if let given = try call.parameters.value(ifAny: "language", UserProfile.Language.init(rawValue:)) { return .of(given) }
        return .of(try await service.language(of: user, in: call.tenant))
    }

    private func getInvoice(_ call: Call) async throws -> Response {
        let tenant = try call.tenant
        let invoice = try await service.invoice(
            try call.parameters.identifier("number"), of: tenant, user: try call.parameters.identifier(ifAny: "user_id"))
        guard call.mediaType == MediaType.html else { return .json(200, .object(invoice.object)) }
        let notes = try await service.creditNotes(of: invoice.number, in: tenant)
        return try InvoicePage(
            invoice: invoice, shop: try await service.shop(of: tenant), notes: notes,
            wording: try await Self.wording(for: invoice.bill.user, call, service)
        ).response()
    }

    private var transactions: Route {
        Route(
            .get, "/v1/transactions", id: "listTransactions", "What was paid, credited and given back", tag: Self.tag,
            access: .shop(.billingRead, endUser: true),
            parameters: [.query("user_id", .clientID, "Only those of this user.")] + Page.parameters,
            answers: [.json(200, "Transactions, newest first", Page.schema(of: RecordedTransaction.schema))], handle: listTransactions)
    }

    private func listTransactions(_ call: Call) async throws -> Response {
        let list = TransactionList(of: try call.parameters.identifier(ifAny: "user_id"))
        return try await call.answer("transactions", list, keyedBy: .timeAndID(), from: service) { $0.json }
    }
}

/// The steps of an invoice's life: payment, cancellation, refund.
extension InvoiceRoutes {
    private var pay: Route {
        Route(
            .post, "/v1/invoices/{number}/payments", id: "payInvoice", "Note a payment", description: "Once for its reference.",
            tag: Self.tag,
            access: .shop(.billing), idempotency: .id("payment_reference"), parameters: [Self.number],
            body: .json(.object([.required("payment_reference", .string(1...200), "The payment's name where it was made."), .reason])),
            answers: [
                .json(201, "The invoice is paid", InvoiceAnswer.schema),
                .json(200, "It was paid before: the first answer", InvoiceAnswer.schema),
            ],
            problems: [.notFound, .conflict, .invalidTransition]
        ) { call in
            let answer = try await service.payInvoice(
                try call.parameters.identifier("number"), reference: try call.fields.text("payment_reference"), of: call.tenant)
            return .json(answer.isDuplicate ? 200 : 201, answer.json)
        }
    }

    private var cancel: Route {
        Route(
            .post, "/v1/invoices/{number}/cancel", id: "cancelInvoice", "Cancel an invoice that is not paid", tag: Self.tag,
            access: .shop(.billing),
            idempotency: .key, parameters: [Self.number], body: .optional(.object([.reason])),
            answers: [.json(200, "The invoice after it", InvoiceAnswer.schema)],
            problems: [.notFound, .conflict, .invalidTransition], handle: cancelInvoice)
    }

    private func cancelInvoice(_ call: Call) async throws -> Response {
        let number: InvoiceNumber = try call.parameters.identifier("number")
        let once: IdempotentRequest<InvoiceAnswer>? = try call.once(as: "POST /v1/invoices/\(number)/cancel") { $0.json }
        return try await service.cancelInvoice(number, of: call.tenant, once: once).response { .json(200, $0.json) }
    }

    private var refund: Route {
        Route(
            .post, "/v1/invoices/{number}/refund", id: "refundInvoice", "Give back what was paid, or a part of it", tag: Self.tag,
            access: .shop(.billing),
            idempotency: .id("refund_id", orKey: true), parameters: [Self.number],
            body: .optional(
                .object([
                    .optional("amount", .money, "In the currency's smallest amounts; all that is left, when left out."),
                    .optional("refund_id", .clientID, "It is made once for it; else for the `Idempotency-Key`, which must be there then."),
                    .reason,
                ])),
            answers: [
                .json(201, "It is given back", InvoiceAnswer.schema),
                .json(200, "It was given back before: the first answer", InvoiceAnswer.schema),
            ],
            problems: [.notFound, .conflict, .invalidTransition], handle: refundInvoice)
    }

    private func refundInvoice(_ call: Call) async throws -> Response {
        let key = try call.idempotencyKey.map(RefundID.init(stored:))
        let amount = try call.fields.value(ifAny: "amount", Money.init(_:))
        guard let id = try call.fields.identifier(ifAny: "refund_id") ?? key else {
            throw Problem.invalid("refund_id", "is required, or an Idempotency-Key: sent twice, it is made once")
        }
        let answer = try await service.refundInvoice(
            try call.parameters.identifier("number"), amount, as: id, of: call.tenant)
        return .json(answer.isDuplicate ? 200 : 201, answer.json)
    }
}
