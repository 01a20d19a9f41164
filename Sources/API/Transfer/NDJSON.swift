package import JSON

/// One JSON value a line.
package enum NDJSON {
    /// Appends the value and a line feed; the value itself has none, as JSON escapes them.
    package static func write(_ value: JSON, into bytes: inout [UInt8]) {
        value.write(into: &bytes)
        bytes.append(0x0A)
    }
}
