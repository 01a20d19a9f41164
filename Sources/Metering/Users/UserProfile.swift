package import Bytes

/// Who a user is to the shop: what its invoices name, and what its people search by. Everything in it is the shop's word.
package struct UserProfile: Equatable, Sendable {
    @Bytewise package var name: String?
    @Bytewise package var email: String?
    package var address: PostalAddress?
    /// The user's number for the value-added tax.
    @Bytewise package var taxID: String?
    /// The taxes of the user's invoices, in the place of the country's; nil where those count. At most `TaxTerms.maximumRates`.
    package var taxRates: [TaxRate]?
    /// Why the user's invoices have no tax; nil where they have.
    @Bytewise package var taxExemption: String?
    /// In which the user's invoices are written.
    package var language: Language?
    /// The shop's own notes, by name.
    @Bytewise package var metadata: [String: String]

    package enum Language: String, CaseIterable, Sendable {
        case english = "en"
        case french = "fr"
    }

    package static let maximumMetadata = 50

    package init(
        name: String? = nil, email: String? = nil, address: PostalAddress? = nil, taxID: String? = nil, language: Language? = nil,
        metadata: [String: String] = [:], taxRates: [TaxRate]? = nil, taxExemption: String? = nil
    ) {
        self.taxRates = taxRates
        self.taxExemption = taxExemption
        self.name = name
        self.email = email
        self.address = address
        self.taxID = taxID
        self.language = language
        self.metadata = metadata
    }
}

/// Where post reaches somebody: as one text, or in the fields that most forms have.
package struct PostalAddress: Equatable, Sendable {
    /// By name, those that are there.
    @Bytewise package var fields: [String: String]

    /// `text` alone, or the others.
    package static let names = ["text", "line1", "line2", "city", "postal_code", "state", "country"]

    /// A field whose name is not among `names` is left out.
    package init(fields: [String: String]) { self.fields = fields.filter { Self.names.contains($0.key) } }

    package init(text: String) { fields = ["text": text] }

    package var text: String? { fields["text"] }

    /// The two letters of ISO 3166; nil where the address does not have them in a field.
    package var country: String? { fields["country"] }

    /// As an envelope has it.
    package var lines: [String] {
        if let text { return text.split(whereSeparator: \.isNewline).map(String.init) }
        let place = [fields["postal_code"], fields["city"], fields["state"]].compactMap(\.self).joined(separator: " ")
        return [fields["line1"], fields["line2"], place, country].compactMap(\.self).filter { !$0.isEmpty }
    }
}

/// A profile as it is kept.
package struct StoredProfile: Equatable, Sendable {
    package let user: UserID
    package let profile: UserProfile
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(user: UserID, profile: UserProfile, createdAt: Timestamp, updatedAt: Timestamp) {
        self.user = user
        self.profile = profile
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// Which users a search finds: those of whom everything is true that is given.
package struct UserSearch: Sendable {
    /// A part of the id, the name or the e-mail address, in upper or lower case.
    package let text: String?
    /// Whose limits count.
    package let plan: PlanName?
    /// Of the live subscription, else of the last one.
    package let status: SubscriptionStatus?
    package let isOver: Bool?

    package init(text: String? = nil, plan: PlanName? = nil, status: SubscriptionStatus? = nil, isOver: Bool? = nil) {
        self.text = text?.lowercased()
        self.plan = plan
        self.status = status
        self.isOver = isOver
    }

    /// Whether the text is found.
    package func finds(_ user: UserID, _ profile: UserProfile?) -> Bool {
        guard let text else { return true }
        return [user.rawValue, profile?.name, profile?.email].contains { $0?.lowercased().contains(text) ?? false }
    }

    package func finds(_ account: Account, _ status: SubscriptionStatus?) -> Bool {
        if let plan, account.plan != plan { return false }
        if let wanted = self.status, status != wanted { return false }
        return isOver.map { $0 == account.isOver } ?? true
    }
}

extension Account {
    /// Whether a meter with an allowance is used up, or in debt.
    package var isOver: Bool {
        meters.contains { !$0.isPlain && ($0.rollover < 0 || $0.remaining.map { left in left <= 0 } ?? false && $0.used > 0) }
    }
}
