internal import Foundation
package import Metering

package struct SystemClock: Clock {
    package init() {}

    package func now() -> Timestamp { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down))) }
}
