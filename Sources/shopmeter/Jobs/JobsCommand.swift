internal import API
internal import JSON
internal import Jobs
internal import Service

extension Command {
    static let jobsRun = Command(
        path: ["jobs", "run"], summary: "Runs a job now, for all shops, and prints what it did.",
        operands: [Operand(name: "NAME", help: JobName.allCases.map(\.rawValue).joined(separator: ", "))], options: Option.database,
        details: "The exit code is 1 when another instance is at the job.", examples: ["shopmeter jobs run rollover"]
    ) { invocation in
        let name = invocation.arguments.operands[0]
        guard let job = JobName(rawValue: name) else {
            throw UsageError("There is no job `\(name)`; there is \(JobName.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return try await invocation.withService { service in
            guard let report = try await JobRunner(service: service).run(job) else {
                throw Failure("Another instance runs \(name) now.")
            }
            Console.print(JSON.object(JobLog.fields(report)).description)
            return 0
        }
    }
}
