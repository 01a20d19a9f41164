internal import API
internal import JSON
internal import Jobs

/// What is logged of the jobs' turns: those that did something, and those that failed.
struct JobLog: Sendable {
    let log: Log

    func note(_ outcome: JobOutcome) {
        switch outcome {
        case .done(let report):
            let fields = Self.fields(report)
            report.didSomething ? log.info("job done", fields) : log.debug("job done", fields)
        case .heldElsewhere(let job): log.debug("another instance runs the job", ["job": .string(job)])
        case .failed(let job, let error): log.warning("job failed", ["job": .string(job), "reason": .string("\(error)")])
        }
    }

    static func fields(_ report: JobReport) -> JSON.Object {
        var fields: JSON.Object = ["job": .string(report.job)]
        for (name, count) in report.counts.sorted(by: { $0.key < $1.key }) { fields[name] = JSON(count) }
        fields["milliseconds"] = .integer(report.milliseconds)
        return fields
    }
}

extension JobReport {
    /// Shops are walked over at every turn: only what was done in them counts.
    var didSomething: Bool { counts.contains { $0.key != "shops" && $0.value > 0 } }
}
