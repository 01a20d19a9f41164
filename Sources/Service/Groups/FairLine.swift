/// What waits, in a line for each owner. Owners take turns, so that one who brings much does not hold up the others; what one owner brings stays in
/// its order.
struct FairLine<Owner: Hashable, Item> {
    private struct Line {
        var items: [Item] = []
        /// The index of the first that still waits: those before it are dropped when they are more than the rest.
        var first = 0

        var count: Int { items.count - first }

        mutating func take() -> Item? {
            guard first < items.count else { return nil }
            defer { first += 1 }
            let item = items[first]
            if first > items.count / 2 {
                items.removeFirst(first)
                first = 0
            }
            return item
        }
    }

    private var lines: [Owner: Line] = [:]
    /// Owners with a line, in the order of their turns.
    private var turns: [Owner] = []
    private var next = 0
    private(set) var count = 0

    /// Everything that waits, in no particular order of the owners.
    var items: [Item] { lines.values.flatMap { $0.items[$0.first...] } }

    /// How many wait, by owner.
    var counts: [Owner: Int] { lines.mapValues(\.count) }

    /// Whose turn it is; nil when nothing waits.
    var nextOwner: Owner? { turns.isEmpty ? nil : turns[next] }

    mutating func add(_ item: Item, of owner: Owner) {
        if lines[owner] == nil { turns.append(owner) }
        lines[owner, default: Line()].items.append(item)
        count += 1
    }

    /// Takes the first of the owner whose turn it is; nil when nothing waits.
    mutating func take() -> Item? {
        guard !turns.isEmpty else { return nil }
        let owner = turns[next]
        let item = lines[owner]?.take()
        count -= 1
        if lines[owner]?.count ?? 0 == 0 {
            lines[owner] = nil
            turns.remove(at: next)
        } else {
            next += 1
        }
        // At once, so that an owner who comes now does not go before those who wait.
        if next >= turns.count { next = 0 }
        return item
    }

    /// Takes out what has the property, and returns it. Where nothing has it, as in most cases, nothing is copied.
    mutating func remove(where isOut: (Item) -> Bool) -> [Item] {
        guard lines.values.contains(where: { $0.items[$0.first...].contains(where: isOut) }) else { return [] }
        let (before, owners) = (lines, turns)
        self = FairLine()
        var out: [Item] = []
        for owner in owners {
            for item in before[owner].map({ $0.items[$0.first...] }) ?? [] {
                if isOut(item) { out.append(item) } else { add(item, of: owner) }
            }
        }
        return out
    }
}
