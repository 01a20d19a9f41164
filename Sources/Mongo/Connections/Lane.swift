/// Whose a call is. The owners are served in turn, and none has more than its part of the threads, however much it asks for.
package enum Lane: Hashable, Sendable {
    /// What others wait for, and takes a moment. It has threads of its own.
    case urgent
    /// At most half of the threads for one owner, rounded up.
    case plain(of: String)
    /// A step of a long read: of the owner's half, at most half again; of all owners together, at most half of the threads.
    case long(of: String)

    var owner: String {
        switch self {
        case .urgent: ""
        case .plain(let owner), .long(let owner): owner
        }
    }

    var isLong: Bool {
        if case .long = self { true } else { false }
    }
}

/// How many threads are taken, and who may take one more.
struct LaneLimits {
    private let half: Int
    private var running: [String: Int] = [:]
    private var long: [String: Int] = [:]

    init(threads: Int) { half = (threads + 1) / 2 }

    func admits(_ lane: Lane) -> Bool {
        guard running[lane.owner, default: 0] < half else { return false }
        guard lane.isLong else { return true }
        return long[lane.owner, default: 0] < (half + 1) / 2 && long.values.reduce(0, +) < half
    }

    mutating func begin(_ lane: Lane) {
        running[lane.owner, default: 0] += 1
        if lane.isLong { long[lane.owner, default: 0] += 1 }
    }

    mutating func end(_ lane: Lane) {
        Self.lower(&running[lane.owner])
        if lane.isLong { Self.lower(&long[lane.owner]) }
    }

    /// A count of 0 is left out, so that the tables are no longer than the threads are many.
    private static func lower(_ count: inout Int?) { count = count.flatMap { $0 > 1 ? $0 - 1 : nil } }
}
