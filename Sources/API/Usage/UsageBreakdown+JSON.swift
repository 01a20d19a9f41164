import JSON
import Metering
import Service
import Web

extension UsageBreakdown {
    static let schema = Schema.answer([
        .required("user_id", .clientID), .required("meter", .identifier), .required("group_by", .array(of: .identifier)),
        .required("from", .nullable(.time)), .required("to", .nullable(.time)),
        .required("amount", .quantity, "Over all groups."), .required("count", .quantity, "Over all groups."),
        .required("data", .array(of: .any), "A row each: the dimensions by name, their labels, `amount`, `count`, `page_count`."),
        .required("next_cursor", .nullable(Page.cursorSchema)),
    ]).named("UsageBreakdown")

    /// The fields beside the rows.
    func heading(of user: UserID) -> JSON.Object {
        JSON.Object([
            "user_id": user.json, "meter": meter.json, "group_by": .array(grouping.names.map(\.json)), "from": range.from.json,
            "to": range.to.json, "amount": total.amount.json, "count": total.count.json,
        ])
    }

    func row(_ group: UsageGroup) -> JSON {
        var fields: JSON.Object = [:]
        for (name, value) in zip(grouping.names, group.values) {
            fields[name] = value.json
            let label = value.flatMap { labels[LabelKey(dimension: name, value: $0)] }
            fields[LabelKey.name(of: name)] = label.json
            if name == UsageContent.reference { fields["document_id"] = value.json }
        }
        fields["amount"] = group.amount.json
        fields["count"] = group.count.json
        if grouping.countsPages { fields["page_count"] = group.pages.json }
        return .object(fields)
    }
}

extension UserEngagement {
    private static let fields: [Schema.Field] = [
        .required("characters", .quantity, "Of meters whose names end in `characters`."),
        .required("syntheses", .quantity, "Events of all meters."), .required("duration_ms", .quantity, "The sum of that dimension."),
        .required("documents", .quantity, "Distinct references."),
    ]
    static let schema = Schema.answer(
        [.required("user_id", .clientID)] + fields + [
            .required(
                "voices",
                .array(
                    of: .answer(
                        [
                            .required("voice_slug", .nullable(.string(0...256))), .required("voice_name", .nullable(.string(0...500))),
                            .required("model_slug", .nullable(.string(0...256))), .required("model_name", .nullable(.string(0...500))),
                        ] + fields)), "By voice and model, the longest first.")
        ]
    ).named("Engagement")

    var json: JSON {
        .object(
            JSON.Object(["user_id": user.json]).followed(by: Self.object(total)).followed(
                by: JSON.Object(["voices": .array(voices.map { voice($0.voice, $0.model, $0.engagement) })])))
    }

    private func voice(_ voice: String?, _ model: String?, _ engagement: Engagement) -> JSON {
        .object(
            JSON.Object([
                "voice_slug": voice.json, "voice_name": label(Engagement.voice, voice), "model_slug": model.json,
                "model_name": label(Engagement.model, model),
            ]).followed(by: Self.object(engagement)))
    }

    private func label(_ dimension: String, _ value: String?) -> JSON {
        value.flatMap { labels[LabelKey(dimension: dimension, value: $0)] }.json
    }

    private static func object(_ engagement: Engagement) -> JSON.Object {
        JSON.Object([
            "characters": engagement.characters.json, "syntheses": engagement.syntheses.json,
            "duration_ms": engagement.milliseconds.json, "documents": engagement.documents.json,
        ])
    }
}
