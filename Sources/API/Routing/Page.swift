package import HTTP
package import JSON

/// What part of a list a request wants.
package struct Page: Sendable {
    package static let limits: ClosedRange<Int64> = 1...200
    package static let defaultLimit: Int64 = 50

    /// How many items at most.
    package let limit: Int
    /// The key of the item to go on after, as the last answer's cursor has it; nil at the start.
    package let after: [JSON]?

    /// `limit` and `cursor`, for a list's route.
    package static let parameters: [Parameter] = [
        .query("limit", .integer(limits), "How many items at most.", default: .integer(defaultLimit)),
        .query("cursor", .string(1...Cursor.longest), "The `next_cursor` of the answer before."),
    ]

    /// The schema of a list's answer.
    package static func schema(of item: Schema) -> Schema {
        .answer([
            .required("data", .array(of: item)),
            .required("next_cursor", .nullable(.string(1...Cursor.longest)), "Null on the last page."),
        ])
    }

    /// A list's answer; `next` is the key of its last item when more follow.
    package static func answer(_ items: [JSON], next: Cursor?) throws -> Response {
        .json(200, ["data": .array(items), "next_cursor": JSON(try next?.text)])
    }
}

extension Call {
    /// The page asked for. `list` and `key` are those that the list's cursors are made with; 422 on `cursor` for any other.
    package func page(of list: String, keyedBy key: [Schema]) throws -> Page {
        let limit = try parameters.integer(ifAny: "limit") ?? Page.defaultLimit
        guard let text = try parameters.text(ifAny: "cursor") else { return Page(limit: Int(limit), after: nil) }
        guard let cursor = try Cursor(text: text, list: list), cursor.fits(key) else {
            throw Problem.invalid("cursor", "expected the next_cursor of an earlier answer of this list")
        }
        return Page(limit: Int(limit), after: cursor.key)
    }
}
