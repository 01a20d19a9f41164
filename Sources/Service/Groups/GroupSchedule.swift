internal import Store

/// What waits for its transaction, as far as its order is concerned.
protocol Schedulable {
    associatedtype Lane: Hashable
    associatedtype Owner: Hashable
    /// What it may have to wait for alone: its account.
    var lane: Lane { get }
    /// With whom it takes turns: its shop.
    var owner: Owner { get }
    /// After it nobody waits for the answer.
    var deadline: ContinuousClock.Instant { get }
}

/// How many one transaction takes: half as many after one that took too long, and a quarter more after each that did not.
package struct GroupSize: Equatable, Sendable {
    package let maximum: Int
    package private(set) var current: Int

    /// `maximum`: at least 1.
    package init(maximum: Int) {
        self.maximum = maximum
        current = maximum
    }

    package mutating func shrink() { current = max(1, current / 2) }

    package mutating func grow() { current = min(maximum, current + max(1, current / 4)) }
}

/// In which order a partition's commands are tried. It does no I/O, and is told the time.
///
/// New commands are tried together. A group that met another transaction is tried once more, as in most cases that is over by then; after that it is
/// divided, until the commands of one account are alone that still meet one. They wait between their tries, and later commands of their account
/// wait with them. New commands and groups that are tried again take turns, so that neither holds up the other; so do the shops whose commands make up
/// a group, so that one with a thousand waiting does not hold up another with one. While commands of several owners come, a group has few of each, as
/// everybody waits for the whole of a transaction.
struct GroupSchedule<Item: Schedulable> {
    /// Commands to be tried together.
    struct Group {
        var items: [Item]
        /// Whether it met another transaction before, as a whole or as a part of a larger group.
        fileprivate var hasMet = false
        /// The pauses of one that waits alone.
        fileprivate var pauses: ContentionPauses?
        /// Not tried before this.
        fileprivate var due: ContinuousClock.Instant
    }

    /// How many commands are tried together.
    var size: GroupSize
    private var new = FairLine<Item.Owner, Item>()
    /// Groups that are tried again, by numbers in the order of their making.
    private var again: [Int: Group] = [:]
    /// The group, among those, that later commands of a lane join.
    private var homes: [Item.Lane: Int] = [:]
    private var lastNumber = 0
    private var isNewNext = true
    private var sharing = Sharing<Item.Owner>()

    init(size: GroupSize) { self.size = size }

    var count: Int { again.values.reduce(new.count) { $0 + $1.items.count } }

    /// Whether commands wait alone for another transaction to end.
    var hasLoners: Bool { again.values.contains { $0.pauses != nil } }

    mutating func add(_ items: [Item], at now: ContinuousClock.Instant) {
        for item in items {
            sharing.note(item.owner, at: now)
            new.add(item, of: item.owner)
        }
    }

    /// How many new commands wait, by owner.
    var counts: [Item.Owner: Int] { new.counts }

    /// Takes the next group out; nil when there is none to be tried now.
    mutating func next(at now: ContinuousClock.Instant) -> Group? {
        let due = again.filter { $0.value.due <= now }.min { ($0.value.due, $0.key) < ($1.value.due, $1.key) }?.key
        if isNewNext || due == nil, case let items = takeNew(at: now), !items.isEmpty {
            isNewNext = false
            return Group(items: items, due: now)
        }
        isNewNext = true
        return due.flatMap { take($0) }
    }

    /// When there is something to do that is not to be done now: a group is due, or a time is over.
    var wakeTime: ContinuousClock.Instant? {
        again.values.flatMap { group in group.items.map(\.deadline) + [group.due] }.min()
    }
}

/// What became of a group that was taken out.
extension GroupSchedule {
    /// The group met another transaction, or ids that are taken: `open` is what of it is to be tried again.
    mutating func retry(_ group: Group, _ open: [Item], at now: ContinuousClock.Instant, jitter: Double = .random(in: 0...1)) {
        guard !open.isEmpty else { return }
        if group.hasMet, let (first, second) = halves(of: open, byLanes: true) {
            for half in [first, second] { insert(Group(items: half, hasMet: true, due: now)) }
            return
        }
        var next = Group(items: open, hasMet: true, due: now)
        if group.hasMet {
            var pauses = group.pauses ?? ContentionPauses()
            next.due += pauses.next(jitter: jitter)
            next.pauses = pauses
        }
        insert(next)
    }

    /// The group cannot be stored as it is: each half is tried on its own. False for a single command, which is out.
    mutating func divide(_ group: Group, at now: ContinuousClock.Instant) -> Bool {
        guard let (first, second) = halves(of: group.items, byLanes: true) ?? halves(of: group.items, byLanes: false) else { return false }
        for half in [first, second] { insert(Group(items: half, hasMet: group.hasMet, due: now)) }
        return true
    }

    /// The group is stored, but for `rest`, which is tried apart. When it waited alone for another transaction, that is over, and what waits for
    /// others may go on too: all of that is tried together.
    mutating func finish(_ group: Group, leaving rest: [Item] = [], at now: ContinuousClock.Instant) {
        size.grow()
        if !rest.isEmpty { insert(Group(items: rest, due: now)) }
        guard group.pauses != nil else { return }
        let loners = again.filter { $0.value.pauses != nil }.keys.sorted().flatMap { remove($0)?.items ?? [] }
        if !loners.isEmpty { insert(Group(items: loners, hasMet: true, due: now)) }
    }

    /// Takes the commands out whose time is over, each with whether it met another transaction.
    mutating func expire(at now: ContinuousClock.Instant) -> [(item: Item, hasMet: Bool)] {
        var over = new.remove { $0.deadline <= now }.map { (item: $0, hasMet: false) }
        for (number, group) in again where group.items.contains(where: { $0.deadline <= now }) {
            over += group.items.filter { $0.deadline <= now }.map { ($0, group.hasMet) }
            guard var rest = remove(number) else { continue }
            rest.items.removeAll { $0.deadline <= now }
            if !rest.items.isEmpty { insert(rest) }
        }
        return over
    }

    /// Takes everything out.
    mutating func removeAll() -> [Item] {
        defer { (new, again, homes) = (FairLine(), [:], [:]) }
        return again.values.reduce(new.items) { $0 + $1.items }
    }
}

extension GroupSchedule {
    /// The next new commands. Those whose lane waits join it.
    private mutating func takeNew(at now: ContinuousClock.Instant) -> [Item] {
        let share = sharing.share(at: now)
        var (items, taken): ([Item], [Item.Owner: Int]) = ([], [:])
        // The owners take turns: when the next one has its share, all have.
        while items.count < size.current, let owner = new.nextOwner, taken[owner, default: 0] < share, let item = new.take() {
            taken[owner, default: 0] += 1
            if let home = homes[item.lane] { again[home]?.items.append(item) } else { items.append(item) }
        }
        return items
    }

    /// Takes a group out that is tried again; what is more than one transaction takes stays.
    private mutating func take(_ number: Int) -> Group? {
        guard var group = remove(number) else { return nil }
        let rest = group.items.dropFirst(size.current)
        if !rest.isEmpty {
            var later = group
            later.items = Array(rest)
            insert(later)
            group.items.removeLast(rest.count)
        }
        return group
    }

    private mutating func insert(_ group: Group) {
        lastNumber += 1
        again[lastNumber] = group
        for item in group.items { homes[item.lane] = lastNumber }
    }

    private mutating func remove(_ number: Int) -> Group? {
        guard let group = again.removeValue(forKey: number) else { return nil }
        for item in group.items where homes[item.lane] == number { homes[item.lane] = nil }
        return group
    }

    /// Two parts of the items; nil where there is only one lane, or item, in them.
    private func halves(of items: [Item], byLanes: Bool) -> ([Item], [Item])? {
        guard byLanes else {
            return items.count < 2 ? nil : (Array(items[..<(items.count / 2)]), Array(items[(items.count / 2)...]))
        }
        var lanes: [Item.Lane: Int] = [:]
        for item in items where lanes[item.lane] == nil { lanes[item.lane] = lanes.count }
        guard lanes.count > 1 else { return nil }
        let isFirst = { (item: Item) in (lanes[item.lane] ?? 0) < lanes.count / 2 }
        return (items.filter(isFirst), items.filter { !isFirst($0) })
    }
}

/// Whether the commands of several owners come, and how many of each go into one transaction then.
struct Sharing<Owner: Equatable> {
    /// A transaction of as many takes some milliseconds.
    private static var share: Int { 32 }
    private static var memory: Duration { .seconds(1) }

    private var newest: Owner?
    private var end: ContinuousClock.Instant?

    mutating func note(_ owner: Owner, at now: ContinuousClock.Instant) {
        if let newest, newest != owner { end = now + Self.memory }
        newest = owner
    }

    func share(at now: ContinuousClock.Instant) -> Int {
        if let end, now < end { Self.share } else { .max }
    }
}
