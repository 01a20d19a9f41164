/// What a job cannot do just now: one user's part of the work, or a shop's.
package struct JobFailure: Equatable, Sendable {
    /// Whose part of the work fails. `user` is nil where the shop fails as a whole.
    package struct Subject: Hashable, Sendable {
        package let shop: ShopID
        package let user: UserID?

        package init(shop: ShopID, user: UserID?) {
            self.shop = shop
            self.user = user
        }
    }

    package let subject: Subject
    /// The failures in a row.
    package let count: Int
    /// The first of them.
    package let since: Timestamp
    /// Until then it is not tried.
    package let next: Timestamp
    /// A sentence without anything of the inside.
    package let error: String

    package init(subject: Subject, count: Int, since: Timestamp, next: Timestamp, error: String) {
        self.subject = subject
        self.count = count
        self.since = since
        self.next = next
        self.error = error
    }
}

/// How long whatever failed waits for its next try: 10 s after the first failure, twice as long after each further one, at most 10 minutes.
package enum JobPause {
    /// In seconds. `failures`: in a row, 1 or more.
    package static func seconds(after failures: Int) -> Int64 { min(600, 10 << min(Int64(max(failures, 1)) - 1, 10)) }
}

/// What of one job fails, each user and shop by itself, so that the others go on. A turn starts with what the turns before it left.
package struct JobFailures: Equatable, Sendable {
    private var known: [JobFailure.Subject: JobFailure] = [:]
    /// What failed in this turn: of the shop under work all of it.
    private var failedNow: Set<JobFailure.Subject> = []
    /// Whether what waits is tried all the same: for an operator who has mended it.
    private let triesAll: Bool

    /// The most failures that are remembered; of those beyond, each is tried at each tick.
    package static let maximum = 200
    /// The most users of a shop that fail alone in one turn. With one more, the shop fails as a whole: the cause is hardly in the users.
    package static let maximumUsers = 50

    package init(_ failures: [JobFailure] = [], tryingAll triesAll: Bool = false) {
        known = Dictionary(failures.prefix(Self.maximum).map { ($0.subject, $0) }, uniquingKeysWith: { first, _ in first })
        self.triesAll = triesAll
    }

    /// The longest known first.
    package var list: [JobFailure] {
        known.values.sorted { ($0.since, $0.subject.name) < ($1.since, $1.subject.name) }
    }

    /// Whether the shop as a whole is not to be tried.
    package func waits(_ shop: ShopID, at now: Timestamp) -> Bool {
        !triesAll && (known[JobFailure.Subject(shop: shop, user: nil)].map { $0.next > now } ?? false)
    }

    /// The users of the shop who are not to be tried: those who wait, and those who failed in this turn.
    package func excluded(in shop: ShopID, at now: Timestamp) -> Set<UserID> {
        let waiting = triesAll ? [] : known.values.filter { $0.next > now }.map(\.subject)
        return Set((waiting + failedNow).filter { $0.shop == shop }.compactMap(\.user))
    }

    /// How many users of the shop failed in this turn.
    package func failedUsers(in shop: ShopID) -> Int { failedNow.count { $0.shop == shop && $0.user != nil } }

    /// Counts a failure, and lets what failed wait.
    package mutating func note(_ subject: JobFailure.Subject, error: String, at now: Timestamp) {
        failedNow.insert(subject)
        let before = known[subject]
        guard before != nil || known.count < Self.maximum else { return }
        let count = (before?.count ?? 0) + 1
        known[subject] = JobFailure(
            subject: subject, count: count, since: before?.since ?? now,
            next: now.adding(milliseconds: JobPause.seconds(after: count) * 1_000), error: error)
    }

    /// The shop's part of the turn is over: what was tried there and did not fail is forgotten, but where the shop failed as a whole, as then
    /// not all of its users were tried.
    package mutating func finish(_ shop: ShopID, at now: Timestamp) {
        let failedWhole = failedNow.contains(JobFailure.Subject(shop: shop, user: nil))
        if !failedWhole {
            known = known.filter { subject, failure in
                subject.shop != shop || failedNow.contains(subject) || (!triesAll && failure.next > now)
            }
        }
        failedNow = failedNow.filter { $0.shop != shop }
    }
}

extension JobFailure.Subject {
    fileprivate var name: String { "\(shop)/\(user?.rawValue ?? "")" }
}
