import JSON
import Metering
import Service
import Web

/// API calls as a client reports them.
enum ConsumptionInput {
    static let endpoint = Schema.string(1...200)
    static let schema = Schema.object([
        .required("user_id", .clientID), .required("endpoint", endpoint, "Such as `/v1/chat/completions`, without ids."),
        .optional("api_calls", .integer(1...1_000_000), default: 1),
        .optional("date", .date, "At most \(ShopMeter.pastDays) days back; today (UTC), when left out."),
    ]).named("ConsumptionInput")

    static func request(_ fields: JSON.Object) throws -> ConsumptionRequest {
        ConsumptionRequest(
            user: try fields.identifier("user_id"), endpoint: try fields.text("endpoint"),
            apiCalls: try fields.integer(ifAny: "api_calls") ?? 1, day: try fields.value(ifAny: "date", CivilDay.init(iso:)))
    }
}

extension CountedConsumption {
    static let schema = Schema.answer([
        .required("user_id", .clientID), .required("endpoint", ConsumptionInput.endpoint), .required("date", .date),
        .required("api_calls", .quantity, "Counted by this request."),
        .required("total_api_calls", .quantity, "All calls of the user in the date's month, with these."),
        .required("duplicate", .boolean, "True: this is the first answer to the same `Idempotency-Key`."),
    ]).named("CountedConsumption")

    var json: JSON {
        [
            "user_id": entry.user.json, "endpoint": entry.endpoint.json, "date": entry.day.json, "api_calls": entry.apiCalls.json,
            "total_api_calls": total.json, "duplicate": false,
        ]
    }
}

extension ConsumptionEntry {
    static let fields: [Schema.Field] = [
        .required("user_id", .clientID), .required("date", .date), .required("endpoint", ConsumptionInput.endpoint),
        .required("api_calls", .quantity),
    ]
    static let schema = Schema.answer(fields).named("ConsumptionEntry")

    var object: JSON.Object {
        ["user_id": user.json, "date": day.json, "endpoint": endpoint.json, "api_calls": apiCalls.json]
    }
}

extension CursorKey where Key == ConsumptionEntry.Place {
    static var place: Self {
        CursorKey(
            schemas: [.clientID, .date, ConsumptionInput.endpoint],
            values: { [$0.user.json, $0.day.json, $0.endpoint.json] },
            key: { values in
                guard values.count == 3, let user = values[0].string, let day = values[1].string.flatMap(CivilDay.init(iso:)),
                    let endpoint = values[2].string
                else { return nil }
                return ConsumptionEntry.Place(user: UserID(stored: user), day: day, endpoint: endpoint)
            })
    }
}

extension ConsumptionReport {
    static let schema = Schema.answer([
        .required("user_id", .clientID), .required("plan", .identifier, "That of the month's end, or the present one; its limits count."),
        .required("month", .month),
        .required(
            "consumption",
            .answer([
                .required("total_api_calls", .quantity), .required("limit_api_calls", .nullable(.quantity), "Null: unlimited."),
                .required("usage_pct", .number, "Calls in percent of their limit; 0 when unlimited."),
                .required("total_tokens", .quantity), .required("limit_tokens", .nullable(.quantity), "Null: unlimited."),
                .required("tokens_pct", .number),
            ]).named("Consumption")),
        .required("alerts", .array(of: ConsumptionAlert.schema), "From 80 % on; API calls first."),
    ]).named("ConsumptionReport")

    var json: JSON {
        let (calls, tokens) = (consumption.apiCalls, consumption.tokens)
        return [
            "user_id": user.json, "plan": plan.json, "month": month.iso.json,
            "consumption": [
                "total_api_calls": calls.current.json, "limit_api_calls": calls.limit.json, "usage_pct": calls.percent,
                "total_tokens": tokens.current.json, "limit_tokens": tokens.limit.json, "tokens_pct": tokens.percent,
            ],
            "alerts": .array(consumption.alerts.map(\.json)),
        ]
    }
}

extension ConsumedMetric {
    fileprivate var percent: JSON { JSON(rounded: Double(hundredthsOfPercent) / 100) }
}

extension ConsumptionAlert.Level {
    /// The value of `X-Billing-Alert`.
    var header: String {
        switch self {
        case .soft: "soft_limit_warning"
        case .hard: "hard_limit_reached"
        }
    }
}

extension ConsumptionAlert {
    fileprivate static let schema = Schema.answer([
        .required("type", .choice(of: Level.self, named: "ConsumptionAlertType"), "`soft` from 80 %, `hard` from 100 %."),
        .required("metric", .enumeration([Meter.apiCalls, Meter.tokens].map(\.rawValue)).named("ConsumptionMetric")),
        .required("message", .string(1...500)),
        .required("current", .quantity), .required("limit", .quantity),
    ]).named("ConsumptionAlert")

    fileprivate var json: JSON {
        [
            "type": .string(level.rawValue), "metric": meter.json, "message": message.json, "current": current.json, "limit": limit.json,
        ]
    }
}
