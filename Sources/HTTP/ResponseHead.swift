internal import Glibc

/// The reason phrase of a status line (RFC 9110, 15). Clients ignore it.
enum ReasonPhrase {
    static func of(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}

/// The value of a `Date` field: `IMF-fixdate` (RFC 9110, 5.6.7), as `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter seconds: since 1970-01-01 UTC, not below 0.
    package static func text(seconds: Int) -> String {
        var (seconds, date) = unsafe (seconds, tm())
        // Safe: both pointers live for the call. It fails for a year beyond 32 bits only, and leaves zeroes.
        _ = unsafe gmtime_r(&seconds, &date)
        let (weekday, day, month, year) = unsafe (Int(date.tm_wday), date.tm_mday, Int(date.tm_mon), date.tm_year + 1900)
        let (hour, minute, second) = unsafe (date.tm_hour, date.tm_min, date.tm_sec)
        return "\(days[weekday]), \(two(day)) \(months[month]) \(year) \(two(hour)):\(two(minute)):\(two(second)) GMT"
    }

    private static func two(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

/// Decimal digits, written without a `String`.
enum DecimalDigits {
    /// - Parameter number: not below 0.
    static func append(_ number: Int, to out: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &out) }
        out.append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
