/// A charge that no wallet could pay, kept under the charge's id. The charge sent again and refused again is the same error; once it is
/// paid, the error is resolved.
package struct BillingError: Equatable, Sendable {
    package enum Resolution: String, CaseIterable, Sendable {
        /// The charge was sent again, and paid.
        case charged
        /// Somebody at the shop said that it is settled.
        case manual
    }

    package let id: ChargeID
    package var content: ChargeContent
    package var balance: InsufficientBalance
    package let currency: Currency
    /// When the charge was refused for the first time.
    package let createdAt: Timestamp
    /// When the charge was refused for the last time.
    package var refusedAt: Timestamp
    /// How often the charge was refused.
    package var refusals: Int64
    package private(set) var resolution: Resolution?
    package private(set) var resolvedAt: Timestamp?
    package private(set) var note: String?

    package init(
        id: ChargeID, content: ChargeContent, balance: InsufficientBalance, currency: Currency, createdAt: Timestamp,
        refusedAt: Timestamp, refusals: Int64 = 1, resolution: Resolution? = nil, resolvedAt: Timestamp? = nil, note: String? = nil
    ) {
        self.id = id
        self.content = content
        self.balance = balance
        self.currency = currency
        self.createdAt = createdAt
        self.refusedAt = refusedAt
        self.refusals = refusals
        self.resolution = resolution
        self.resolvedAt = resolvedAt
        self.note = note
    }

    /// Whose wallet was to pay: the project's of a charge for one, else the user's.
    package var scope: WalletOwner { content.project.map { .project($0) } ?? .user(content.user) }

    /// A sentence that says what was required, and what each wallet has.
    package var message: String {
        var has: [String] = []
        if let project = content.project { has.append("the project \(project) has \((balance.project ?? .zero).text(digits: 4))") }
        has.append("the user \(content.user) has \((balance.user ?? .zero).text(digits: 4))")
        return "\(balance.required.text(digits: 4)) \(currency.code) are required: " + has.joined(separator: ", ") + "."
    }

    /// The charge was refused again: the error is open again, if it was resolved.
    package mutating func refuse(_ content: ChargeContent, _ balance: InsufficientBalance, at now: Timestamp) {
        self.content = content
        self.balance = balance
        refusedAt = now
        refusals += 1
        (resolution, resolvedAt, note) = (nil, nil, nil)
    }

    /// Resolves the error; one that is resolved already stays as it is.
    package mutating func resolve(_ resolution: Resolution, note: String? = nil, at now: Timestamp) {
        guard self.resolution == nil else { return }
        (self.resolution, resolvedAt, self.note) = (resolution, now, note)
    }
}
