package import HTTP
package import JSON

/// The part of a list that a request asks for.
package struct Page: Sendable {
    package static let limits: ClosedRange<Int64> = 1...200
    package static let defaultLimit: Int64 = 50

    /// The maximum number of items.
    package let limit: Int
    /// The key of the item before the page, as the last answer's cursor has it; nil for the first page.
    package let after: [JSON]?

    /// `limit` and `cursor`, for a list's route.
    package static let parameters: [Parameter] = [
        .query("limit", .integer(limits), "How many items at most.", default: .integer(defaultLimit)),
        .query("cursor", cursorSchema, "The `next_cursor` of the answer before."),
    ]

    package static let cursorSchema = Schema.text(
        TextFormat(
            expectation: "the next_cursor of an earlier answer of this list",
            keywords: ["pattern": "^[A-Za-z0-9_-]{1,\(Cursor.maximumLength)}$"],
            accepts: { (1...Cursor.maximumLength).contains($0.utf8.count) }))

    /// The schema of a list's answer.
    package static func schema(of item: Schema) -> Schema {
        let page = Schema.answer([
            .required("data", .array(of: item)),
            .required("next_cursor", .nullable(cursorSchema), "Null on the last page."),
        ])
        return item.name.map { page.named($0 + "Page") } ?? page
    }

    /// A list's answer. `next` has the key of the page's last item; nil when no item follows.
    package static func answer(_ items: [JSON], next: Cursor?) throws -> Response {
        .json(200, ["data": .array(items), "next_cursor": JSON(try next?.text)])
    }
}

extension Page {
    /// The number of items to read: one more than the page shows, which tells whether more follow.
    package var readLimit: Int { limit + 1 }

    /// Answers a list with the first `limit` of the items, which are `readLimit` or fewer. `key` gives an item's key for the cursor.
    package func answer<Item>(of list: String, _ items: [Item], key: (Item) -> [JSON], json: (Item) -> JSON) throws -> Response {
        let shown = items.prefix(limit)
        let next = items.count > limit ? shown.last.map { Cursor(list: list, key: key($0)) } : nil
        return try Page.answer(shown.map(json), next: next)
    }
}

extension Call {
    /// The page that the request asks for. `list` and `key` are the name and the schemas of the key that the list's cursors are made with;
    /// throws `invalid_request` on `cursor` for any other cursor.
    package func page(of list: String, keyedBy key: [Schema]) throws -> Page {
        let limit = try parameters.integer(ifAny: "limit") ?? Page.defaultLimit
        guard let text = try parameters.text(ifAny: "cursor") else { return Page(limit: Int(limit), after: nil) }
        guard let cursor = try Cursor(text: text, list: list), cursor.fits(key) else {
            throw Problem.invalid("cursor", "expected the next_cursor of an earlier answer of this list")
        }
        return Page(limit: Int(limit), after: cursor.key)
    }
}
