import Crypto
import HTTP
import JSON
import Metering
import Web

/// Usage as CloudEvents 1.0 (JSON format, and HTTP binding 1.0): structured, batched, or in headers.
///
/// | of the event | of ours |
/// |---|---|
/// | `source` and `id` | `event_id`: both, with a blank between, or their hash where that is too long |
/// | `subject` | `user_id` |
/// | `time` | `occurred_at` |
/// | `type` | `meter`, unless `data` has one |
/// | `data` | fields of ours by their names; `value` or `tokens` is an `amount` too, 1 where there is none; other texts and numbers are dimensions |
enum CloudEvents {
    private static let version = "1.0"
    private static let attribute = "ce-"

    static let schema = Schema.answer([
        .required("specversion", .enumeration([version])), .required("id", .clientID), .required("source", .text(sourceFormat)),
        .required("type", .identifier, "The meter, unless `data` has one."), .required("subject", .clientID, "The user."),
        .optional("time", .nullable(.time)),
        .optional("data", .any, "`amount`, `value` or `tokens`; other fields of an event; what is left are its dimensions."),
    ]).named("CloudEvent")

    private static let sourceFormat = TextFormat(
        expectation: "a text of 1 to 1000 characters", keywords: ["pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]{1,1000}$"],
        accepts: { (1...1_000).contains($0.count) })

    /// One event: structured, or in headers with `data` as the body.
    static let one = [
        BodyForm("application/cloudevents+json", schema: schema) { body, _ in try usage(of: body) },
        BodyForm(MediaType.json, header: attribute + "specversion", schema: .any) { data, headers in
            try usage(of: .object(event(headers, data: data)))
        },
    ]

    /// Whether a request sends such events. Two with one source and id are one event, whatever else they say: SDKs give an event that is made again
    /// another `time`.
    static func isMeant(by request: Request) -> Bool {
        request.headers.has(attribute + "specversion")
            || request.headers.only("content-type").map { $0.lowercased().hasPrefix("application/cloudevents") } ?? false
    }

    /// An array of events.
    static let batch = [
        BodyForm("application/cloudevents-batch+json", schema: .array(of: schema, count: 1...1_000)) { body, _ in
            guard let events = body.array else { throw Problem.invalid("", "expected an array of events") }
            // A bad event must not fail the others: what is missing is told with its result.
            return ["events": .array(events.map { event in (try? usage(of: event)) ?? event })]
        }
    ]

    /// The attributes in headers, whose values are percent-encoded (HTTP binding, 3.1.3.2).
    private static func event(_ headers: Headers, data: JSON) -> JSON.Object {
        var event: JSON.Object = [:]
        for name in ["specversion", "id", "source", "type", "subject", "time"] {
            guard let value = headers.only(attribute + name) else { continue }
            event[name] = .string(decoded(value))
        }
        if data != .null { event["data"] = data }
        return event
    }

    /// The text with its `%` escapes as the bytes that they name; as it is where they name no UTF-8.
    private static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var (bytes, rest) = ([UInt8](), Substring(text).utf8)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2, let escaped = UInt8(String(Substring(rest.prefix(2))), radix: 16) else {
                bytes.append(byte)
                continue
            }
            bytes.append(escaped)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self) ?? text
    }

    private static func usage(of body: JSON) throws -> JSON {
        guard let event = body.object else { throw Problem.invalid("", "expected an event") }
        guard event["specversion"]?.string == version else { throw Problem.invalid("specversion", "expected \(version)") }
        func text(_ name: String) throws -> String {
            guard let text = event[name]?.string, !text.isEmpty else { throw Problem.invalid(name, "expected a text") }
            return text
        }
        var usage: JSON.Object = [
            "event_id": .string(try id(source: text("source"), text("id"))), "user_id": .string(try text("subject")),
        ]
        if let time = event["time"], time != .null { usage["occurred_at"] = time }
        try read(event["data"] ?? .null, into: &usage)
        if usage["meter"] == nil { usage["meter"] = .string(try text("type")) }
        return .object(usage)
    }

    private static func id(source: String, _ id: String) throws -> String {
        let both = "\(source) \(id)"
        return both.utf8.count <= 256 ? both : "ce_" + Hex.text(try SHA256.hash(both))
    }

    private static let ours: Set = ["meter", "amount", "reference_id", "description", "enforce", "dimensions"]

    private static func read(_ data: JSON, into usage: inout JSON.Object) throws {
        var dimensions: JSON.Object = [:]
        for field in data.object?.fields ?? [] {
            if ours.contains(field.name) {
                usage[field.name] = field.name == "amount" ? number(field.value) : field.value
            } else if let text = text(field.value) {
                dimensions[field.name] = .string(text)
            }
        }
        for name in ["value", "tokens"] where usage["amount"] == nil {
            guard let value = data[name] else { continue }
            usage["amount"] = number(value)
            dimensions[name] = nil
        }
        if usage["amount"] == nil { usage["amount"] = 1 }
        if usage["dimensions"] == nil, !dimensions.isEmpty { usage["dimensions"] = .object(dimensions) }
    }

    /// Collectors write numbers as texts too.
    private static func number(_ value: JSON) -> JSON {
        guard let text = value.string, let number = Int64(text) else { return value }
        return .integer(number)
    }

    /// Nil for what is no dimension: an object, an array, null, and texts that are empty or too long.
    private static func text(_ value: JSON) -> String? {
        let text: String
        switch value {
        case .string(let own): text = own
        case .integer(let integer): text = String(integer)
        case .number(let number): text = number
        case .bool(let bool): text = bool ? "true" : "false"
        default: return nil
        }
        return (1...256).contains(text.utf8.count) ? text : nil
    }
}
