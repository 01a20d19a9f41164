import HTTP

extension Page {
    /// A list's answer. `fetch` is asked for one item more than is shown, which tells whether more follow.
    func answer<Item>(
        of list: String, key: (Item) -> [JSON], json: (Item) -> JSON, _ fetch: (_ limit: Int) async throws -> [Item]
    ) async throws -> Response {
        let items = try await fetch(limit + 1)
        let shown = items.prefix(limit)
        let next = items.count > limit ? shown.last.map { Cursor(list: list, key: key($0)) } : nil
        return try Page.answer(shown.map(json), next: next)
    }

    /// The id of the item to go on after, where a list's key is an id alone.
    var afterID: String? { after?.first?.string }
}
