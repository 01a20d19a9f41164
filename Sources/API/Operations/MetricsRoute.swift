internal import HTTP
internal import Jobs
internal import Metering
internal import Metrics
internal import Web

/// The server below the interface, as far as its metrics go.
package struct ServerGauges: Sendable {
    /// Open connections.
    package let connections: Int
    /// Requests that were not answered yet.
    package let inFlight: Int
    /// Bytes of requests and responses kept for all connections.
    package let bufferedBytes: Int

    package init(connections: Int, inFlight: Int, bufferedBytes: Int) {
        self.connections = connections
        self.inFlight = inFlight
        self.bufferedBytes = bufferedBytes
    }
}

/// `GET /metrics`, for Prometheus: what this process counted since its start. Asks the database nothing, so that it answers in every outage.
struct MetricsRoute: Sendable {
    let requests: RequestMeter
    let jobs: JobRunner
    let server: @Sendable () -> ServerGauges?
    let deliveries: @Sendable () -> DeliveryCounts?
    let version: String

    var all: [Route] { [metrics] }

    private var metrics: Route {
        Route(
            .get, "/metrics", id: "getMetrics", "The process in numbers, for Prometheus",
            description: "The text format 0.0.4. No label names a shop, a user or an id.", tag: OperationRoutes.tag, access: .open,
            answers: [.text(200, "The metrics of this process", as: [MediaType.plain])]
        ) { _ in .text(200, text, as: Exposition.mediaType) }
    }

    var text: String {
        var exposition = Exposition()
        exposition.gauge("shopmeter_build_info", "1, with the program's version.", [(["version": version], 1)])
        write(requests: requests.all, into: &exposition)
        if let server = server() { write(server, into: &exposition) }
        write(jobs: jobs.gauges, into: &exposition)
        if let deliveries = deliveries() { write(deliveries, into: &exposition) }
        return exposition.text
    }

    private func write(requests: [RequestMeter.Count], into exposition: inout Exposition) {
        exposition.counter(
            "shopmeter_http_requests_total", "Requests, by route and status of their answers.",
            requests.flatMap { count in
                count.requests.sorted { $0.key < $1.key }.map { status, number in
                    (["method": count.method, "route": count.route, "status": "\(status)"], number)
                }
            })
        exposition.histogram(
            "shopmeter_http_request_duration_seconds", "From a request's last byte to its answer, or to the begin of a streamed one.",
            requests.map { (["method": $0.method, "route": $0.route], $0.seconds) })
    }

    private func write(_ server: ServerGauges, into exposition: inout Exposition) {
        exposition.gauge("shopmeter_http_connections", "Open connections.", server.connections)
        exposition.gauge("shopmeter_http_requests_in_flight", "Requests that are not answered yet.", server.inFlight)
        exposition.gauge("shopmeter_http_buffered_bytes", "Bytes of requests and responses kept for connections.", server.bufferedBytes)
    }

    private func write(_ deliveries: DeliveryCounts, into exposition: inout Exposition) {
        exposition.counter(
            "shopmeter_webhook_attempts_total", "Messages that were sent to webhook endpoints, by whether they were taken.",
            [(["outcome": "taken"], Int(deliveries.succeeded)), (["outcome": "failed"], Int(deliveries.failed))])
        exposition.counter(
            "shopmeter_webhook_given_up_total", "Messages that no attempt of three days delivered.", Int(deliveries.givenUp))
    }

    private func write(jobs: [JobGauges], into exposition: inout Exposition) {
        exposition.counter(
            "shopmeter_job_turns_total", "Turns of the jobs, by how they ended.",
            jobs.flatMap { gauges in
                JobEnding.allCases.map { (["job": gauges.job, "ending": $0.rawValue], gauges.turns[$0] ?? 0) }
            })
        exposition.gauge(
            "shopmeter_job_last_done_timestamp_seconds", "When a turn of the job was last done by this process.",
            jobs.compactMap { gauges in
                gauges.lastDone.map { (["job": gauges.job], Double($0.milliseconds) / 1_000) }
            })
        exposition.gauge(
            "shopmeter_job_stuck", "Users and shops whose part of the job fails and waits.",
            jobs.map { (["job": $0.job], Double($0.stuck)) })
    }
}
