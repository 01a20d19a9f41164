import Crypto
import HTTP
import JSON
import Testing

@testable import Web

struct PageTests {
    private let key: [Schema] = [.time, .identifier]

    private func call(_ parameters: JSON.Object) -> Call {
        Call(
            requestID: "r", request: Request(method: .get, path: []), credential: nil, parameters: parameters, body: nil,
            mediaType: MediaType.json)
    }

    private func text(_ key: [JSON], list: String = "events") throws -> String { try Cursor(list: list, key: key).text }

    @Test func `A list goes on after the key of the answer before`() throws {
        let key: [JSON] = ["2026-11-20T23:10:00.000Z", "e-1"]
        let answer = try Page.answer([1, 2], next: Cursor(list: "events", key: key))
        let cursor = try #require(answer.json?["next_cursor"])
        let page = try call(["limit": 2, "cursor": cursor]).page(of: "events", keyedBy: self.key)
        #expect(page.limit == 2 && page.after == key)
        #expect(Page.schema(of: .quantity).validate(try #require(answer.json)).isEmpty)
    }

    @Test func `The last page has no cursor, and the first is asked for without one`() throws {
        #expect(try Page.answer([], next: nil).json == ["data": [], "next_cursor": nil])
        let page = try call([:]).page(of: "events", keyedBy: key)
        #expect(page.limit == 50 && page.after == nil)
    }

    @Test func `A cursor that was changed anywhere is 422`() throws {
        let whole = Array(try text(["2026-11-20T23:10:00.000Z", "e-1"]))
        for place in whole.indices {
            var changed = whole
            changed[place] = whole[place] == "A" ? "B" : "A"
            #expect(throws: Problem.self) { try call(["cursor": .string(String(changed))]).page(of: "events", keyedBy: key) }
        }
    }

    @Test func `A cursor of another list, of another key, or that is none, is 422 on its field`() throws {
        let others = [
            try text(["2026-11-20T23:10:00.000Z", "e-1"], list: "invoices"), try text(["e-1"]), try text(["e-1", "e-1"]),
            try text(["2026-11-20T23:10:00.000Z", ["$gt": ""]]), try text([]), "AAAA", "AAAAAAAA", "!", "=", "e-1",
        ]
        for other in others {
            let problem = #expect(throws: Problem.self) { try call(["cursor": .string(other)]).page(of: "events", keyedBy: key) }
            #expect(problem?.code == .invalidRequest && problem?.errors.map(\.field) == ["cursor"])
        }
    }
}
