internal import Metrics
internal import Synchronization

/// Counts the requests of one process by route, since its start.
final class RequestMeter: Sendable {
    /// What was counted of one route. `requests` has the number of answers of each status.
    struct Count: Sendable {
        let method: String
        let route: String
        fileprivate(set) var requests: [Int: Int] = [:]
        fileprivate(set) var seconds = Distribution.seconds

        fileprivate mutating func note(_ status: Int, _ duration: Duration) {
            requests[status, default: 0] += 1
            seconds.add(duration)
        }
    }

    private struct Key: Hashable {
        let method: String
        let route: String
    }

    private let counts = Mutex<[Key: Count]>([:])

    /// `route` is a route's pattern, so that there are not more counts than routes; nil for a request that found none.
    func note(_ method: String, _ route: String?, status: Int, took duration: Duration) {
        let route = route ?? "none"
        let key = Key(method: route == "none" ? "-" : method, route: route)
        counts.withLock { counts in
            // In place, with one look-up, as every request comes here.
            counts[key, default: Count(method: key.method, route: key.route)].note(status, duration)
        }
    }

    /// In the order of their routes.
    var all: [Count] {
        counts.withLock { Array($0.values) }.sorted { ($0.route, $0.method) < ($1.route, $1.method) }
    }
}
