package import HTTP
package import Jobs
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
