internal import API
internal import HTTP

/// What is logged of requests: all at `debug`; from `info` on only those that failed here or were slow, as there may be thousands a second.
struct RequestLog: Sendable {
    static let slow = Duration.seconds(1)

    let log: Log

    func note(_ request: Request, _ response: Response, taking time: Duration) {
        let isFault = response.status >= 500
        guard isFault || time >= Self.slow || log.records(.debug) else { return }
        let fields: JSON.Object = [
            "request_id": JSON(response.headers["x-request-id"]), "method": .string(request.method.token),
            "path": .string("/" + request.path.joined(separator: "/")), "status": JSON(response.status),
            "milliseconds": JSON(rounded: time / .milliseconds(1)),
        ]
        if isFault { return log.error("request failed", fields) }
        time >= Self.slow ? log.info("slow request", fields) : log.debug("request", fields)
    }
}
