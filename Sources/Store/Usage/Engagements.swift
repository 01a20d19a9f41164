internal import BSON
internal import Bytes
package import Metering
internal import Mongo

/// Sums over a user's events about voices and documents.
package struct EngagementSums: EventSums {
    private var sums = DocumentSums()
    /// By voice and model: events of the meters of voices, and those that name a voice.
    private var voices: [Bytewise<[String?]>: DocumentSums] = [:]
    private var documents = 0

    package init() {}

    package var isTooLarge: Bool { documents > Engagement.maximumDocuments || voices.count > Engagement.maximumVoices }

    package mutating func add(_ events: EventStep, _ reading: Reading) throws {
        let pipeline: [Document] = [["$match": .document(events.filter)], ["$group": .document(Self.groups)]]
        for row in try reading.aggregate(UsageEvents.schema.name, pipeline) {
            let (keys, amounts) = (try row.document("_id"), try Engagement(row))
            let document = try keys.optionalString("document").map { TextDigest([$0]) }
            documents += sums.add(amounts, of: document)
            let voice = Bytewise(wrappedValue: [try keys.optionalString("voice"), try keys.optionalString("model")])
            guard try keys.bool("is_voice") || voice.wrappedValue[0] != nil else { continue }
            documents += voices[voice, default: DocumentSums()].add(amounts, of: document)
        }
    }

    package var total: Engagement { sums.engagement }

    /// The engagement with each pair of voice and model, the longest first.
    package func voices(limit: Int) -> [(voice: String?, model: String?, engagement: Engagement)] {
        let rows = voices.map { (key: $0.wrappedValue, engagement: $1.engagement) }
        let sorted = rows.sorted {
            let (left, right) = ($0.engagement.order, $1.engagement.order)
            return left == right ? $0.key.isBefore($1.key) : left > right
        }
        return sorted.prefix(limit).map { ($0.key[0], $0.key[1], $0.engagement) }
    }

    /// Sums with the documents that they are about.
    private struct DocumentSums {
        private(set) var engagement = Engagement()
        private var documents: Set<TextDigest> = []

        /// Returns how many documents are new: 0 or 1.
        mutating func add(_ amounts: Engagement, of document: TextDigest?) -> Int {
            engagement.characters = engagement.characters.bounded(adding: amounts.characters)
            engagement.syntheses += amounts.syntheses
            engagement.milliseconds = engagement.milliseconds.bounded(adding: amounts.milliseconds)
            guard let document, documents.insert(document).inserted else { return 0 }
            engagement.documents += 1
            return 1
        }
    }

    /// The stage that groups the events of a step, by document too, so that distinct ones can be counted.
    private static let groups: Document = {
        let isVoice: Value = ["$regexMatch": ["input": "$meter", "regex": .string(Meter.charactersSuffix + "$")]]
        let duration: Value = ["$convert": ["input": "$dimensions.duration_ms", "to": "long", "onError": .int64(0), "onNull": .int64(0)]]
        return [
            "_id": [
                "voice": ["$ifNull": ["$dimensions.voice_slug", .null]], "model": ["$ifNull": ["$dimensions.model_slug", .null]],
                "document": ["$ifNull": ["$reference_id", .null]], "is_voice": isVoice,
            ],
            "characters": ["$sum": ["$cond": [isVoice, EventAmount.kept, .int64(0)]]],
            "syntheses": ["$sum": EventAmount.keptCount],
            "duration_ms": ["$sum": ["$max": [.int64(0), duration]]],
        ]
    }()
}

extension Engagement {
    /// By the duration, then the characters.
    fileprivate var order: (Quantity, Quantity) { (milliseconds, characters) }

    fileprivate init(_ row: Document) throws {
        self.init(
            characters: try row.sum("characters"), syntheses: try row.int64("syntheses"), milliseconds: try row.sum("duration_ms"))
    }
}
