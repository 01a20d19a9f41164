internal import Metering
internal import Service
internal import Store

/// What the service does by the clock: a name, and the work that is due in one shop.
package struct Job: Sendable {
    /// Names the job in routes, commands and logs, and its lease in the database.
    package let name: String
    /// The names of what the job counts, as reports write them.
    package let counts: [String]
    /// Does what is due in one shop, and returns what was counted there.
    let work: @Sendable (ShopTurn) async throws -> [String: Int]

    /// Every job, in the order in which a tick starts them.
    package static let all: [Job] = [.rollover, .expiry, .overdue, .analytics]

    package static func named(_ name: String) -> Job? { all.first { $0.name == name } }

    /// The names of everything that a report may count: what was done, then what was walked over.
    package static var allCounts: [String] { all.flatMap(\.counts).filter { !walked.contains($0) } + walked }

    /// The names of what a walk goes over, which a report counts beside what was done.
    private static let walked = ["users", "shops"]
}

/// One shop's part of a job's turn.
struct ShopTurn: Sendable {
    let service: ShopMeter
    let tenant: Tenant
    /// The shop's time when its part began.
    let now: Timestamp
    /// Nil on the way of a test shop's clock, whose time nobody else moves.
    let lease: JobLease?

    /// The lease for the next transaction to be fenced by. Throws `conflict` when it was lost.
    func held() async throws -> Leases.Lease? { try await lease?.held() }

    /// Does page after page, until one finds nothing that is due and returns nil; returns the sum of what the others did.
    func everyPage(_ page: (Leases.Lease?) async throws -> Int?) async throws -> Int {
        var count = 0
        while let done = try await page(held()) { count += done }
        return count
    }
}

/// What a run of a job did.
package struct JobReport: Equatable, Sendable {
    package let job: String
    /// The job's counts by their names, and the shops that it walked over as `shops`.
    package let counts: [String: Int]
    package let milliseconds: Int64

    package init(job: String, counts: [String: Int], milliseconds: Int64) {
        self.job = job
        self.counts = counts
        self.milliseconds = milliseconds
    }
}

/// How a job's turn ended.
package enum JobOutcome: Sendable {
    case done(JobReport)
    /// Another instance holds the lease.
    case heldElsewhere(job: String)
    case failed(job: String, error: any Error)
}
