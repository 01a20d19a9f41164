/// Metrics as Prometheus reads them: the text format 0.0.4.
///
/// Each metric is written once, with all of its samples.
package struct Exposition: Sendable {
    package typealias Labels = KeyValuePairs<String, String>

    /// The media type of `text`, without its charset.
    package static let mediaType = "text/plain; version=0.0.4"

    package private(set) var text = ""

    package init() {}

    /// A count that only grows. `name` ends in `_total`.
    package mutating func counter(_ name: String, _ help: String, _ samples: [(labels: Labels, value: Int)]) {
        describe(name, help, "counter")
        for sample in samples { write(name, sample.labels, "\(sample.value)") }
    }

    package mutating func counter(_ name: String, _ help: String, _ value: Int) { counter(name, help, [([:] as Labels, value)]) }

    /// A number that goes up and down.
    package mutating func gauge(_ name: String, _ help: String, _ samples: [(labels: Labels, value: Double)]) {
        describe(name, help, "gauge")
        for sample in samples { write(name, sample.labels, Self.number(sample.value)) }
    }

    package mutating func gauge(_ name: String, _ help: String, _ value: Int) { gauge(name, help, [([:] as Labels, Double(value))]) }

    package mutating func histogram(_ name: String, _ help: String, _ samples: [(labels: Labels, value: Distribution)]) {
        describe(name, help, "histogram")
        for (labels, value) in samples {
            var below = 0
            for (bound, count) in zip(value.bounds, value.buckets) {
                below += count
                write("\(name)_bucket", labels, "\(below)", bound: Self.number(bound))
            }
            write("\(name)_bucket", labels, "\(value.count)", bound: "+Inf")
            write("\(name)_sum", labels, Self.number(value.sum))
            write("\(name)_count", labels, "\(value.count)")
        }
    }

    private mutating func describe(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n"))\n# TYPE \(name) \(type)\n"
    }

    private mutating func write(_ name: String, _ labels: Labels, _ value: String, bound: String? = nil) {
        var pairs = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
        if let bound { pairs.append("le=\"\(bound)\"") }
        text += name + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") + " \(value)\n"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// Whole numbers without a point.
    private static func number(_ value: Double) -> String {
        Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
