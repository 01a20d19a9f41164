internal import Foundation
package import Metering

/// Where the time comes from.
package protocol Clock: Sendable {
    func now() -> Timestamp
}

package struct SystemClock: Clock {
    package init() {}

    package func now() -> Timestamp { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down))) }
}
