package import Metering
internal import Store

/// What the service does by the clock: a name, and the work that is due in one shop.
package struct Job: Sendable {
    /// Names the job in routes, commands and logs, and its lease in the database.
    package let name: String
    /// The names of what the job counts, as reports write them.
    package let counts: [String]
    /// What is asked for across shops: the job works only in those where any of it is due.
    let due: [DueWork]
    /// Does what is due in one shop, and returns what was counted there.
    let work: @Sendable (ShopTurn) async throws -> [String: Int]

    /// Every job, in the order in which a tick starts them.
    package static let all: [Job] = [.rollover, .expiry, .overdue, .analytics]

    package static func named(_ name: String) -> Job? { all.first { $0.name == name } }

    /// The names of everything that a report may count: what was done, then what was walked over.
    package static var allCounts: [String] { all.flatMap(\.counts).filter { !walked.contains($0) } + walked }

    /// The names of what a walk goes over and of what failed on the way, which a report counts beside what was done.
    private static let walked = ["users", "shops", "failed"]
}

/// What a run of a job did.
package struct JobReport: Equatable, Sendable {
    package let job: String
    /// The job's counts by their names, the shops that it walked over as `shops`, and the users and shops that failed as `failed`.
    package let counts: [String: Int]
    package let milliseconds: Int64
    /// What failed, for the log: at most `JobFailures.maximum`.
    package let failures: [LoggedFailure]

    package init(job: String, counts: [String: Int], milliseconds: Int64, failures: [LoggedFailure] = []) {
        self.job = job
        self.counts = counts
        self.milliseconds = milliseconds
        self.failures = failures
    }
}

/// What failed in a turn, with the error in all its words.
package struct LoggedFailure: Equatable, Sendable {
    package let subject: JobFailure.Subject
    package let reason: String
}

/// How a job's turn ended.
package enum JobOutcome: Sendable {
    case done(JobReport)
    /// Another instance holds the lease.
    case heldElsewhere(job: String)
    /// The service stops; what is left is done after the next start.
    case stopped(job: String)
    case failed(job: String, error: any Error)

    var ending: JobEnding {
        switch self {
        case .done: .done
        case .heldElsewhere: .heldElsewhere
        case .stopped: .stopped
        case .failed: .failed
        }
    }
}
