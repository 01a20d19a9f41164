import HTTP

extension Page {
    /// How many items to read: one more than is shown, which tells whether more follow.
    var readLimit: Int { limit + 1 }

    /// A list's answer out of `readLimit` items or fewer.
    func answer<Item>(of list: String, _ items: [Item], key: (Item) -> [JSON], json: (Item) -> JSON) throws -> Response {
        let shown = items.prefix(limit)
        let next = items.count > limit ? shown.last.map { Cursor(list: list, key: key($0)) } : nil
        return try Page.answer(shown.map(json), next: next)
    }

    /// The id of the item to go on after, where a list's key is an id alone.
    var afterID: String? { after?.first?.string }
}
