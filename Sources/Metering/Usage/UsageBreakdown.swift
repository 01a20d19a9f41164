/// How use is grouped: by dimensions, and `reference_id`.
package struct UsageGrouping: Equatable, Sendable {
    package let names: [String]

    package static let maximumNames = 5
    /// Columns of a row beside its groups, which no group may be called.
    package static let reserved: Set<String> = ["amount", "count", "page_count"]
    /// The dimension that counts a document's pages.
    package static let page = "page_idx"

    /// Nil when a name is no id, is there twice, or would be confused with another column.
    package init?(_ names: [String]) {
        let labels = names.map(LabelKey.name(of:))
        guard names.count <= Self.maximumNames, names.allSatisfy(IdentifierText.isValid),
            Set(names + labels).union(Self.reserved).count == names.count * 2 + Self.reserved.count
        else { return nil }
        self.names = names
    }

    /// Groups of documents have their pages counted.
    package var countsPages: Bool { names.contains(UsageContent.reference) }
}

/// The sum of a group's events.
package struct UsageGroup: Equatable, Sendable {
    /// In the order of the grouping; nil where the events do not say.
    package let values: [String?]
    package let amount: Quantity
    package let count: Quantity
    /// Distinct pages, where documents are grouped.
    package let pages: Quantity

    package init(values: [String?], amount: Quantity, count: Quantity, pages: Quantity) {
        self.values = values
        self.amount = amount
        self.count = count
        self.pages = pages
    }
}

/// What a user did with voices and documents, ever.
package struct Engagement: Equatable, Sendable {
    package var characters: Quantity
    /// Events of meters that count characters.
    package var syntheses: Quantity
    package var milliseconds: Quantity
    /// Distinct references.
    package var documents: Quantity

    package init(characters: Quantity = 0, syntheses: Quantity = 0, milliseconds: Quantity = 0, documents: Quantity = 0) {
        self.characters = characters
        self.syntheses = syntheses
        self.milliseconds = milliseconds
        self.documents = documents
    }

    /// Dimensions that engagement reads.
    package static let voice = "voice_slug"
    package static let model = "model_slug"
    package static let duration = "duration_ms"
}

extension Meter {
    /// How the names of voices' meters end: `premium_voice_characters`, `server_voice_characters`.
    package static let charactersSuffix = "characters"
}
