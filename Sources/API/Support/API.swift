package import HTTP
package import Jobs
internal import Metering
package import Service
package import Web

/// The whole HTTP interface: it answers the requests of a `Server`.
package struct API: Sendable {
    /// Told of each request once, when its answer is there; when an answer is streamed, as it begins.
    package typealias Log = @Sendable (LogEntry) -> Void

    private let dispatcher: Dispatcher
    private let requests: RequestMeter
    private let service: ShopMeter
    private let log: Log

    /// `report` is told of every error that the client sees only as a bare 500. `grace` is how much longer than its route's patience a request
    /// may take: for tests, on machines that are busy. `server` says how the server below stands, `deliveries` how webhooks fare; `ignored` is told of each event of Stripe's that did nothing. Throws when a route contradicts itself, or two routes are for the same requests.
    package init(
        service: ShopMeter, jobs: JobRunner, version: String, grace: Duration = .zero,
        server: @escaping @Sendable () -> ServerGauges? = { nil }, deliveries: @escaping @Sendable () -> DeliveryCounts? = { nil },
        report: @escaping Dispatcher.Report,
        ignored: @escaping WebhookRoutes.Note = { _, _, _ in }, log: @escaping Log = { _ in }
    ) throws {
        let requests = RequestMeter()
        let metrics = MetricsRoute(requests: requests, jobs: jobs, server: server, deliveries: deliveries, version: version)
        dispatcher = Dispatcher(
            table: try RouteTable(Self.routes(service: service, jobs: jobs, metrics: metrics, version: version, ignored: ignored)),
            requestID: .identifier,
            run: { request, route, thread, work, answer in
                service.within(route.patience + grace, on: route.executor(for: request, on: thread), work, answer: answer)
            },
            authenticate: Authentication(service: service).credential(of:from:), enter: Admission(service: service).enter, report: report)
        self.requests = requests
        self.service = service
        self.log = log
    }

    /// Every route of the service, the document about them among them.
    package static func routes(service: ShopMeter, jobs: JobRunner, version: String) throws -> [Route] {
        let metrics = MetricsRoute(requests: RequestMeter(), jobs: jobs, server: { nil }, deliveries: { nil }, version: version)
        return try routes(service: service, jobs: jobs, metrics: metrics, version: version)
    }

    private static func routes(
        service: ShopMeter, jobs: JobRunner, metrics: MetricsRoute, version: String, ignored: @escaping WebhookRoutes.Note = { _, _, _ in }
    ) throws -> [Route] {
        let routes = [
            ShopRoutes(service: service).all, JobRoutes(jobs: jobs).all, PlanRoutes(service: service).all,
            SubscriptionRoutes(service: service).all,
            UsageRoutes(service: service).all, UserRoutes(service: service).all, PortalRoutes(service: service).all,
            BalanceRoutes(service: service).all,
            CorrectionRoutes(service: service).all, RefusalRoutes(service: service).all,
            BreakdownRoutes(service: service).all,
            LabelRoutes(service: service).all, ReservationRoutes(service: service).all, WalletRoutes(service: service).all,
            ChargeRoutes(service: service).all, CallRoutes(service: service).all,
            ModelRoutes(service: service).all, ConsumptionRoutes(service: service).all,
            InvoiceRoutes(service: service).all, CreditNoteRoutes(service: service).all,
            WebhookRoutes(service: service, note: ignored).all, WebhookEndpointRoutes(service: service).all,
            WebhookDeliveryRoutes(service: service).all, AnalyticsRoutes(service: service).all,
            ExportRoutes(service: service).all, AuditRoutes(service: service).all,
            OperationRoutes(service: service, jobs: jobs, version: version).all, metrics.all,
            PageRoutes().all,
        ].flatMap(\.self).map { $0.authored(by: service).shared(by: service) }
        let document = try OpenAPI.route(for: routes, information(version: version), tag: OperationRoutes.tag, access: .open)
        return routes + [document]
    }

    /// Has the request answered, on any thread; `thread` is that of its connection. Returns how long that may take.
    package func respond(
        to request: Request, on thread: (any TaskExecutor)? = nil, answer: @escaping @Sendable (Response) -> Void
    ) -> Duration {
        let start = ContinuousClock.now
        if let preflight = CrossOrigin.preflight(request) {
            answer(preflight)
            return Patience.standard
        }
        return dispatcher.handle(request, on: thread) { [requests, service, log] handled in
            let duration = ContinuousClock.now - start
            requests.note(request.method.name, handled.pattern, status: handled.response.status, took: duration)
            log(
                LogEntry(
                    requestID: handled.requestID, method: request.method.name,
                    route: handled.pattern ?? "/" + request.path.joined(separator: "/"), status: handled.response.status,
                    duration: duration, caller: handled.credential, problem: handled.problem, trace: TraceContext(request.headers)))
            guard let audience = CrossOrigin.audience(of: handled.response, to: request) else { return answer(handled.response) }
            Task { answer(await CrossOrigin.shared(handled.response, with: audience, by: service)) }
        }
    }

    /// Answers a message that the HTTP layer refused before there was a request; `headers` are those read until then.
    package func refuse(_ error: RequestError, _ headers: Headers) -> Response {
        let handled = dispatcher.handle(error, headers: headers)
        requests.note("-", nil, status: handled.response.status, took: .zero)
        log(
            LogEntry(
                requestID: handled.requestID, method: "-", route: "-", status: handled.response.status, duration: .zero,
                caller: nil, problem: handled.problem, trace: TraceContext(headers)))
        return handled.response
    }

    private static func information(version: String) -> OpenAPI.Information {
        OpenAPI.Information(
            title: "ShopMeter", version: version,
            description: "Subscriptions, metered usage and its audit log, for shops.",
            tags: [
                (ShopRoutes.tag, "Shops, their keys, and jobs: for the platform's operator."), (PlanRoutes.tag, "A shop's catalog."),
                (SubscriptionRoutes.tag, "Agreements between a shop and its users."), (UsageRoutes.tag, "What users used, and may use."),
                (UserRoutes.tag, "Who the users are."),
                (ReservationRoutes.tag, "Holds on allowances, for work whose amount is known when it is done."),
                (WalletRoutes.tag, "Prepaid money, and what the use of models costs."),
                (CallRoutes.tag, "Calls of models: counted, charged and held against limits in one step."),
                (ConsumptionRoutes.tag, "What users consumed in a month, and what that is held against."),
                (ModelRoutes.tag, "What language models cost."),
                (InvoiceRoutes.tag, "What users owe and what they paid."), (WebhookRoutes.tag, "What other services tell a shop."),
                (WebhookEndpointRoutes.tag, "What a shop is told of what happens here."),
                (AnalyticsRoutes.tag, "A shop's numbers."), (ExportRoutes.tag, "A shop's data as a stream."),
                (AuditRoutes.tag, "Who changed what, and why."),
                (OperationRoutes.tag, "For those who run the service."), (PageRoutes.tag, "Pages for people."),
            ], securitySchemes: Access.securitySchemes, problem: Problem.schema, identifier: .clientID,
            messages: WebhookMessage.all, messageHeaders: WebhookMessage.headers,
            samples: DocumentSamples.words)
    }
}

/// One request, for a log.
package struct LogEntry: Sendable {
    package let requestID: String
    /// `-` when there was no request.
    package let method: String
    /// The pattern of the request's route; its path, when it found no route.
    package let route: String
    package let status: Int
    package let duration: Duration
    let caller: Credential?
    /// Why it was refused, or failed.
    package let problem: ProblemCode?
    /// The trace that the request is a part of, as its `traceparent` says.
    package let trace: TraceContext?
}

extension LogEntry {
    /// The shop that called, itself or by one of its users.
    package var shop: String? { caller?.shopID?.rawValue }

    /// What it called by: the id of a shop's key, `admin` or `user`.
    package var key: String? {
        switch caller {
        case .shop(_, _, let key): key.rawValue
        case .admin: "admin"
        case .endUser: "user"
        case nil: nil
        }
    }
}

/// The header `traceparent` of a request (W3C Trace Context, 3.2).
package struct TraceContext: Equatable, Sendable {
    /// 32 hexadecimal digits in lower case.
    package let traceID: String
    /// 16 digits: what called.
    package let parentID: String

    /// Nil unless there is one such header of a version that begins as version 00 does, whose ids are not all zeros.
    init?(_ headers: Headers) {
        guard let text = headers.only("traceparent") else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, parts[0] != "ff",
            zip(parts, [2, 32, 16, 2]).allSatisfy({ $0.utf8.count == $1 && $0.utf8.allSatisfy(Self.isDigit) }),
            parts[0] != "00" || parts.count == 4, parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        (traceID, parentID) = (parts[1], parts[2])
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
