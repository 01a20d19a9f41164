import HTTP
import Testing

@testable import API

struct PageTests {
    @Test func `The dashboard and every file that it names are there, and may load nothing from elsewhere`() async throws {
        try await withTestAPI { api in
            var waiting = ["/dashboard"]
            var seen: Set<String> = []
            while let path = waiting.popLast() {
                guard seen.insert(path).inserted else { continue }
                let answer = try await api.send(.get, path, as: nil)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'; script-src 'self'") == true)
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                waiting += answer.text.matches(of: /(?:src|href)="(\/dashboard\/[^"]+)"/).map { String($0.output.1) }
                waiting += answer.text.matches(of: /from "\.\/([a-z]+\.js)"/).map { "/dashboard/\($0.output.1)" }
                #expect(!answer.text.contains("<script>") && !answer.text.contains("<style") && !answer.text.contains(" style="))
                #expect(!answer.text.contains("https://"), "\(path)")
            }
            #expect(seen.isSuperset(of: ["/dashboard", "/dashboard/app.js", "/dashboard/style.css", "/dashboard/actions.js"]))
        }
    }

    @Test func `A file that the browser has is not sent again`() async throws {
        try await withTestAPI { api in
            let first = try await api.send(.get, "/dashboard/app.js", as: nil)
            let tag = try #require(first.headers["etag"])
            let again = try await api.send(.get, "/dashboard/app.js", as: nil, headers: ["if-none-match": tag])
            #expect(again.status == 304 && again.text.isEmpty)
            #expect(try await api.send(.get, "/dashboard/other.js", as: nil).status == 404)
            #expect(try await api.send(.get, "/dashboard/..", as: nil).status != 200)
        }
    }
}
