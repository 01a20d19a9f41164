internal import API
internal import HTTPServer
internal import JSON
internal import Jobs
internal import Metering
internal import Service
internal import Store

/// The whole service, wired: started from the database up, stopped from the clients down.
struct RunningService: Sendable {
    private let directory: DataDirectory
    private let access: DatabaseAccess
    private let store: MeterStore
    private let service: ShopMeter
    private let scheduler: JobScheduler
    private let deliveries: DeliveryWorker
    private let server: Server
    private let log: Log
    /// What the log says of the start.
    private let start: JSON.Object

    /// Starts everything but listening. Blocks while an embedded mongod starts, up to a minute, and while the schema is brought up to date.
    /// - Parameters:
    ///   - deadline: told of the embedded mongod, which it ends if a stop takes long.
    ///   - isStopped: asked on the way; when it says yes, what was started is stopped again, and an error thrown.
    static func start(
        _ configuration: Configuration, log: Log, until deadline: StopDeadline, isStopped: @escaping @Sendable () -> Bool
    ) throws -> RunningService {
        // First, so that the embedded mongod has the raised limit too.
        let bounds = Self.bounds(configuration, try FileBudget.raised(), log)
        try Server.requireFree(bounds)
        let directory = try DataDirectory(configuration.dataDirectory)
        let access = try DatabaseAccess.own(configuration, creates: true, isStopped: isStopped) {
            log.warning("mongod", ["detail": .string($0)])
        }
        if let server = access.embedded { deadline.note(server) }
        do {
            let store = try access.preparedStore(configuration.database, log: log, isStopped: isStopped)
            do {
                return try RunningService(configuration, directory, access, store, bounds, log)
            } catch {
                store.shutdown()
                throw error
            }
        } catch {
            access.close()
            throw error
        }
    }

    private init(
        _ configuration: Configuration, _ directory: DataDirectory, _ access: DatabaseAccess, _ store: MeterStore,
        _ bounds: ServerConfiguration, _ log: Log
    ) throws {
        let adminToken = try AdminToken.find(configuration, in: directory)
        try access.announce()
        self.store = store
        if access.embedded == nil, let advice = store.adviceOnTransactionLifetime() { log.warning("mongod", ["detail": .string(advice)]) }
        service = ShopMeter(
            store: store, settings: configuration.settings(adminToken: adminToken),
            // One shop leaves half of the places to the others.
            placesPerShop: bounds.maxInFlight / 2,
            enteredDebt: { shop, event in
                log.warning(
                    "a rollover went into debt",
                    [
                        "shop_id": .string(shop.rawValue), "user_id": .string(event.user.rawValue),
                        "meter": .string(event.content.meter.rawValue), "event_id": .string(event.id.rawValue),
                        "debt": JSON(event.settlement.breakdown.overflowToDebt),
                    ])
            }, webhookBody: WebhookMessage.body)
        let runner = JobRunner(service: service)
        scheduler = JobScheduler(runner: runner) { log.note($0) }
        deliveries = try DeliveryWorker(service: service) { log.warning("webhooks", ["detail": .string("\($0)")]) }
        server = try Self.server(bounds, service: service, jobs: runner, deliveries: deliveries, log: log)
        self.directory = directory
        self.access = access
        self.log = log
        start = StartNote.fields(configuration, bounds)
    }

    private static func bounds(_ configuration: Configuration, _ files: FileBudget, _ log: Log) -> ServerConfiguration {
        var bounds = ServerConfiguration()
        (bounds.host, bounds.port) = (configuration.host, configuration.port)
        bounds.maxConnections = min(bounds.maxConnections, files.connections)
        bounds.maxConnectionsPerAddress = configuration.maxConnectionsPerAddress
        log.info("files", ["limit": JSON(files.limit), "connections": JSON(bounds.maxConnections)])
        // Of the 10 seconds that a stop may take, the others are the jobs' and the database's.
        bounds.deadlines.drain = .seconds(5)
        return bounds
    }

    private static func server(
        _ bounds: ServerConfiguration, service: ShopMeter, jobs: JobRunner, deliveries: DeliveryWorker, log: Log
    ) throws -> Server {
        let board = GaugeBoard()
        let api = try API(
            service: service, jobs: jobs, version: Version.current, server: { ServerGauges(board.gauges) },
            deliveries: { deliveries.counts },
            report: { log.error("internal error", ["request_id": .string($1), "reason": .string("\($0)")]) },
            ignored: { shop, event, reason in
                log.info(
                    "a Stripe event did nothing",
                    [
                        "shop_id": .string(shop.rawValue), "event_id": .string(event.id.rawValue), "type": .string(event.type),
                        "reason": .string(reason),
                    ])
            }, log: { log.note($0) })
        return Server(
            bounds, errorResponse: { api.refuse($0, $1) }, board: board, handler: { api.respond(to: $0, on: $1, answer: $2) })
    }

    /// Listens, writes the address into the data directory, and starts the jobs' timer. When the port cannot be had, everything is stopped again.
    func listen(_ configuration: Configuration) throws {
        do {
            let port = try server.start()
            scheduler.start(every: configuration.tickSeconds)
            // Of a process before this one that was killed.
            Task { [service, log] in
                do {
                    let stored = try await service.storeLeftDocuments()
                    if stored > 0 { log.info("accounts brought up to their logs", ["accounts": JSON(stored)]) }
                } catch { log.warning("accounts are behind their logs until their next event", ["detail": .string("\(error)")]) }
            }
            deliveries.start()
            let address = "http://" + Configuration.authority(configuration.host, port)
            try directory.address.write(address)
            log.info("serving", start)
            for warning in StartNote.warnings(configuration) { log.warning(warning) }
            log.info("listening on \(address)")
        } catch {
            service.drain()
            store.shutdown()
            access.close()
            throw error
        }
    }

    /// Says for so many seconds that it is not ready, and serves: a proxy in front finds out, and sends requests elsewhere before the port closes.
    func leave(for seconds: Int) async {
        guard seconds > 0 else { return }
        service.leave()
        log.info("not ready any more; stopping in \(seconds) s")
        try? await Task.sleep(for: .seconds(seconds))
    }

    /// Finishes the requests and jobs under way, then closes the database. Takes up to 10 seconds.
    func stop() async {
        directory.address.remove()
        async let jobsEnded: Void = scheduler.stop()
        async let deliveriesEnded: Void = deliveries.stop()
        await server.drain()
        await jobsEnded
        await deliveriesEnded
        service.drain()
        store.shutdown()
        access.close()
    }
}

extension ServerGauges {
    fileprivate init(_ gauges: Gauges) {
        self.init(connections: gauges.connections, inFlight: gauges.inFlight, bufferedBytes: gauges.bufferedBytes)
    }
}
