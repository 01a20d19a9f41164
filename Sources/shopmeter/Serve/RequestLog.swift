internal import API
internal import JSON

/// What is logged of requests: all at `debug`; from `info` on only those that failed here or were slow, as there may be thousands a second.
struct RequestLog: Sendable {
    static let slow = Duration.seconds(1)

    let log: Log

    func note(_ entry: LogEntry) {
        let isFault = entry.status >= 500
        let isSlow = entry.duration >= Self.slow
        guard isFault || isSlow || log.records(.debug) else { return }
        let fields: JSON.Object = [
            "request_id": .string(entry.requestID), "method": .string(entry.method), "route": .string(entry.route),
            "status": JSON(entry.status), "milliseconds": JSON(rounded: entry.duration / .milliseconds(1)),
        ]
        if entry.status == 500 { return log.error("request failed", fields) }
        if isFault { return log.warning("request failed", fields) }
        isSlow ? log.info("slow request", fields) : log.debug("request", fields)
    }
}
