internal import API
internal import HTTPServer
internal import JSON
internal import Jobs
internal import Service
internal import Store

/// The whole service, wired. Started from the database up, stopped from the clients down.
struct RunningService: Sendable {
    private let directory: DataDirectory
    private let access: DatabaseAccess
    private let store: MeterStore
    private let service: ShopMeter
    private let scheduler: JobScheduler
    private let server: Server
    private let log: Log

    /// Everything but listening. Blocks while an embedded mongod starts.
    static func start(_ configuration: Configuration, log: Log) throws -> RunningService {
        let directory = try DataDirectory(configuration.dataDirectory)
        let access = try DatabaseAccess.own(configuration) { log.warning("mongod", ["detail": .string($0)]) }
        do {
            return try RunningService(configuration, directory, access, log)
        } catch {
            access.close()
            throw error
        }
    }

    private init(_ configuration: Configuration, _ directory: DataDirectory, _ access: DatabaseAccess, _ log: Log) throws {
        let adminToken = try AdminToken.find(configuration, in: directory)
        store = try MeterStore.prepared(uri: access.uri, database: configuration.database) {
            log.warning("driver", ["detail": .string($0)])
        }
        service = ShopMeter(store: store, settings: configuration.settings(adminToken: adminToken))
        let runner = JobRunner(service: service)
        let jobLog = JobLog(log: log)
        scheduler = JobScheduler(runner: runner) { jobLog.note($0) }
        server = try Self.server(configuration, service: service, jobs: runner, log: log)
        self.directory = directory
        self.access = access
        self.log = log
    }

    private static func server(_ configuration: Configuration, service: ShopMeter, jobs: JobRunner, log: Log) throws -> Server {
        var bounds = ServerConfiguration()
        (bounds.host, bounds.port) = (configuration.host, configuration.port)
        // Leaves time for the database within the 10 seconds of a stop.
        bounds.deadlines.drain = .seconds(6)
        let requests = RequestLog(log: log)
        let api = try API(
            service: service, jobs: jobs, version: Version.current,
            report: { log.error("internal error", ["request_id": .string($1), "reason": .string("\($0)")]) },
            log: { requests.note($0) })
        return Server(bounds, refuse: { api.refuse($0, $1) }, handler: { await api.respond(to: $0) })
    }

    /// Where the port cannot be had, everything is stopped again.
    func listen(_ configuration: Configuration) throws {
        do {
            let port = try server.start()
            scheduler.start(every: configuration.tickSeconds)
            let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
            try directory.address.write("http://\(host):\(port)")
            log.info("listening on http://\(host):\(port)")
        } catch {
            service.drain()
            store.shutdown()
            access.close()
            throw error
        }
    }

    func stop() async {
        directory.address.remove()
        async let jobsEnded: Void = scheduler.stop()
        await server.drain()
        await jobsEnded
        service.drain()
        store.shutdown()
        access.close()
    }
}
