internal import JSON
internal import Jobs
internal import Metering

extension Command {
    static let jobsRun = Command(
        path: ["jobs", "run"], summary: "Runs a job now, for all shops, and prints what it did.",
        operands: [Operand(name: "NAME", help: Job.all.map(\.name).joined(separator: ", "))], options: Option.database,
        details: "The exit code is 1 when another instance is at the job.", examples: ["shopmeter jobs run rollover"]
    ) { invocation in
        let name = invocation.arguments.operands[0]
        guard let job = Job.named(name) else {
            throw UsageError("There is no job `\(name)`; there is \(Job.all.map(\.name).joined(separator: ", ")).")
        }
        return try await invocation.withService { service in
            guard let report = try await JobRunner(service: service).run(job) else {
                throw Failure("Another instance runs \(name) now.")
            }
            Console.print(JSON.object(report.fields).description)
            return 0
        }
    }
}

extension Log {
    /// Logs a job's run: at `info` when it changed something, at `debug` when it found nothing to do or another instance holds its lease.
    func note(_ outcome: JobOutcome) {
        switch outcome {
        case .done(let report):
            for failure in report.failures { warning("part of a job failed", failure.fields(of: report.job)) }
            report.didSomething ? info("job done", report.fields) : debug("job done", report.fields)
        case .stopped(let job): info("job stopped", ["job": .string(job)])
        case .heldElsewhere(let job): debug("another instance runs the job", ["job": .string(job)])
        case .failed(let job, let error): warning("job failed", ["job": .string(job), "reason": .string("\(error)")])
        }
    }
}

extension JobReport {
    /// The report as it is printed and logged: the job, its counts by name, its milliseconds.
    fileprivate var fields: JSON.Object {
        var fields: JSON.Object = ["job": .string(job)]
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { fields[name] = JSON(count) }
        fields["milliseconds"] = .integer(milliseconds)
        return fields
    }

    /// Every run walks over all shops, so that their count alone says nothing.
    fileprivate var didSomething: Bool { counts.contains { $0.key != "shops" && $0.value > 0 } }
}

extension LoggedFailure {
    /// The job, the shop, the user if one fails alone, and the error.
    fileprivate func fields(of job: String) -> JSON.Object {
        var fields: JSON.Object = ["job": .string(job), "shop_id": .string(subject.shop.rawValue)]
        if let user = subject.user { fields["user_id"] = .string(user.rawValue) }
        fields["reason"] = .string(reason)
        return fields
    }
}
