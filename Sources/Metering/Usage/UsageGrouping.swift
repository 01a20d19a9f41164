package import Bytes

/// The dimensions by which a user's events are grouped; `reference_id` is one, too.
package struct UsageGrouping: Equatable, Sendable {
    package let names: [String]

    package static let maximumNames = 5
    /// The maximum of groups, and of distinct pages of all of them, in a breakdown.
    package static let maximumGroups = 200_000
    package static let maximumPages = 1_000_000
    /// Columns of a row beside its groups: no dimension that is grouped by may have their names.
    package static let reserved: Set<String> = ["amount", "count", "page_count"]
    /// The dimension that has the number of a document's page.
    package static let page = "page_idx"

    /// Nil when there are too many names, one is no id, one is there twice, or one or its label would be confused with another column.
    package init?(_ names: [String]) {
        let labels = names.map(LabelKey.name(of:))
        guard names.count <= Self.maximumNames, names.allSatisfy(IdentifierForm.name.accepts),
            Set(names + labels).union(Self.reserved).count == names.count * 2 + Self.reserved.count
        else { return nil }
        self.names = names
    }

    /// Whether pages are counted: where documents are grouped by.
    package var countsPages: Bool { names.contains(UsageContent.reference) }
}

/// The sums of a group's events.
package struct UsageGroup: Equatable, Sendable {
    /// The group's value of each dimension, in the order of the grouping; nil where its events have none.
    @Bytewise package private(set) var values: [String?]
    package let amount: Quantity
    /// How many events there are.
    package let count: Quantity
    /// How many distinct pages there are; 0 where documents are not grouped by.
    package let pages: Quantity

    package init(values: [String?], amount: Quantity, count: Quantity, pages: Quantity) {
        self.values = values
        self.amount = amount
        self.count = count
        self.pages = pages
    }
}

/// A value of a dimension with its name for people.
package struct Label: Equatable, Sendable {
    package let value: String
    package let label: String

    package init(value: String, label: String) {
        self.value = value
        self.label = label
    }
}

/// The value of a dimension that a shop has given a label, as a person reads it.
package struct LabelKey: Hashable, Sendable {
    @Bytewise package private(set) var dimension: String
    @Bytewise package private(set) var value: String

    package init(dimension: String, value: String) {
        self.dimension = dimension
        self.value = value
    }

    /// The name of the column that has the labels of a dimension: `voice_name` for `voice_slug`, `document_title` for `reference_id`.
    package static func name(of dimension: String) -> String {
        if dimension == UsageContent.reference { return "document_title" }
        for suffix in ["_slug", "_id"] where dimension.hasSuffix(suffix) && dimension != suffix {
            return dimension.dropLast(suffix.count) + "_name"
        }
        return dimension + "_name"
    }
}

/// Sums over all of a user's events that are about voices and documents.
package struct Engagement: Equatable, Sendable {
    /// The sum of the meters whose names end with `Meter.charactersSuffix`.
    package var characters: Quantity
    /// How many events there are, of all meters.
    package var syntheses: Quantity
    /// The sum of the dimension `duration_ms`.
    package var milliseconds: Quantity
    /// How many distinct references there are.
    package var documents: Quantity

    package init(characters: Quantity = 0, syntheses: Quantity = 0, milliseconds: Quantity = 0, documents: Quantity = 0) {
        self.characters = characters
        self.syntheses = syntheses
        self.milliseconds = milliseconds
        self.documents = documents
    }

    /// The maximum of pairs of voice and model, and of distinct references (counted for each pair and for all), that are added up.
    package static let maximumVoices = 100_000
    package static let maximumDocuments = 2_500_000

    /// The names of the dimensions that are read.
    package static let voice = "voice_slug"
    package static let model = "model_slug"
    package static let duration = "duration_ms"
}

extension Meter {
    /// The end of the names of voices' meters: `premium_voice_characters`, `server_voice_characters`.
    package static let charactersSuffix = "characters"
}
