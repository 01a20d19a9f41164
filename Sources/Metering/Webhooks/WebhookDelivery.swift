package struct WebhookDeliveryID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// The id of a message: each of its deliveries carries it, however often it is sent.
package struct WebhookMessageID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// A message for one endpoint, and what became of it.
package struct WebhookDelivery: Equatable, Sendable {
    package enum Status: String, CaseIterable, Sendable {
        /// It waits to be sent, for the first time or again.
        case pending
        case delivered
        /// It was given up.
        case failed
    }

    package let id: WebhookDeliveryID
    package let endpoint: WebhookEndpointID
    package let message: WebhookMessageID
    package let type: WebhookType
    /// Whom it is about: an endpoint is told of one user's in the order of `order`. Nil where it is about nobody.
    package let user: UserID?
    /// Rises with each message.
    package let order: Int64
    /// What is sent.
    package let body: String
    /// By the system's clock.
    package let createdAt: Timestamp
    package private(set) var status: Status
    /// When it is to be sent next; nil when it is done.
    package private(set) var nextAt: Timestamp?
    /// How often it was sent.
    package private(set) var count: Int64
    /// The oldest first: the last `maximumAttempts`.
    package private(set) var attempts: [WebhookAttempt]
    /// Why it was given up without being sent; nil otherwise.
    package private(set) var note: String?

    package static let maximumAttempts = 20

    package init(
        id: WebhookDeliveryID, endpoint: WebhookEndpointID, message: WebhookMessageID, type: WebhookType, user: UserID?, order: Int64,
        body: String, createdAt: Timestamp, status: Status = .pending, nextAt: Timestamp?, count: Int64 = 0,
        attempts: [WebhookAttempt] = [], note: String? = nil
    ) {
        (self.id, self.endpoint, self.message, self.type, self.user) = (id, endpoint, message, type, user)
        (self.order, self.body, self.createdAt, self.status, self.nextAt) = (order, body, createdAt, status, nextAt)
        (self.count, self.attempts, self.note) = (count, attempts, note)
    }

    /// Notes an attempt: it is delivered, or waits for its next one, or is given up.
    package mutating func note(_ attempt: WebhookAttempt) {
        count += 1
        attempts = (attempts + [attempt]).suffix(Self.maximumAttempts)
        if attempt.isSuccess {
            (status, nextAt) = (.delivered, nil)
        } else if let next = WebhookRetries.next(after: attempt.at, count: count, createdAt: createdAt) {
            nextAt = next
        } else {
            (status, nextAt) = (.failed, nil)
        }
    }

    /// Puts it in the line again, as a new one: for three days more.
    package func again(as id: WebhookDeliveryID, order: Int64, at now: Timestamp) -> WebhookDelivery {
        WebhookDelivery(
            id: id, endpoint: endpoint, message: message, type: type, user: user, order: order, body: body, createdAt: now, nextAt: now)
    }
}

/// One time that a message was sent, and the answer.
package struct WebhookAttempt: Equatable, Sendable {
    package let at: Timestamp
    package let milliseconds: Int64
    /// The status of the answer; nil where there was none.
    package let status: Int64?
    /// The beginning of the answer's body, at most `maximumAnswer` bytes; nil where there was none.
    package let answer: String?
    /// Why there was no answer, in words; nil where there was.
    package let error: String?

    /// In bytes.
    package static let maximumAnswer = 1_024

    package init(at: Timestamp, milliseconds: Int64, status: Int64?, answer: String? = nil, error: String? = nil) {
        (self.at, self.milliseconds, self.status, self.answer, self.error) = (at, milliseconds, status, answer, error)
    }

    /// Whether the receiver has taken it. A redirect is not followed, and is a failure.
    package var isSuccess: Bool { status.map { (200...299).contains($0) } ?? false }

    /// Whether the receiver wants no further one.
    package var isGone: Bool { status == 410 }
}

/// When a message is sent again.
package enum WebhookRetries {
    /// For how long a message is tried, in milliseconds.
    package static let patience: Int64 = 3 * 86_400_000
    /// The pauses after the first attempts, in seconds; the last one again and again.
    static let pauses: [Int64] = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 28_800]

    /// When it is sent after the attempt of that number; nil when it is given up, as its three days are over.
    package static func next(after attempt: Timestamp, count: Int64, createdAt: Timestamp) -> Timestamp? {
        let index = Int(min(max(1, count), Int64(pauses.count))) - 1
        let next = attempt.adding(milliseconds: pauses[index] * 1_000)
        let end = createdAt.adding(milliseconds: patience)
        if next <= end { return next }
        // The last attempt is at the end of the three days.
        return attempt < end ? end : nil
    }
}

/// The deliveries of a shop, from the newest to the oldest: all, or those to an endpoint, of a status, about a user.
package struct WebhookDeliveryList: PagedList {
    package let endpoint: WebhookEndpointID?
    package let status: WebhookDelivery.Status?
    package let user: UserID?

    package init(of endpoint: WebhookEndpointID?, status: WebhookDelivery.Status?, user: UserID? = nil) {
        (self.endpoint, self.status, self.user) = (endpoint, status, user)
    }

    package func key(of delivery: WebhookDelivery) -> TimedKey<WebhookDeliveryID> { TimedKey(at: delivery.createdAt, id: delivery.id) }
}

/// A shop's endpoints, in the order of their ids.
package struct WebhookEndpointList: PagedList {
    package init() {}

    package func key(of endpoint: WebhookEndpoint) -> WebhookEndpointID { endpoint.id }
}
