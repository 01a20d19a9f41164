import HTTP
import Testing
import Web

@testable import API

struct PageTests {
    @Test func `The dashboard and every file that it names are there, and may load nothing from elsewhere`() async throws {
        try await withTestAPI { api in
            var waiting = ["/dashboard", "/portal", "/docs"]
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

    /// What a script of the pages calls: POST where the call says so, else GET; a path whole, or by its parts, of which those that vary are not in
    /// quotes.
    private static func calls(in script: String) -> [(method: Request.Method, path: [String])] {
        func method(before place: String.Index) -> Request.Method { script[..<place].hasSuffix("call(\"POST\", ") ? .post : .get }
        let whole = script.matches(of: /"\/v1\/([^"]*)"/).map { match in
            (method(before: match.range.lowerBound), match.output.1.split(separator: "/").map(String.init))
        }
        let inParts = script.matches(of: /path\(([^)]*)\)/).map { match in
            let parts = match.output.1.split(separator: ",").map { $0.filter { $0 != " " } }
            return (method(before: match.range.lowerBound), parts.map { $0.hasPrefix("\"") ? $0.filter { $0 != "\"" } : "x" })
        }
        return (whole + inParts).map { ($0.0, ["v1"] + $0.1) }
    }

    @Test func `Every request that a page makes has a route`() async throws {
        try await withTestAPI { api in
            var count = 0
            for file in [
                "actions.js", "app.js", "invoices.js", "operator.js", "overview.js", "portal.js", "user.js", "users.js", "webhooks.js",
            ] {
                for (method, path) in Self.calls(in: try await api.send(.get, "/dashboard/\(file)", as: nil).text) {
                    count += 1
                    guard case .found = api.table.match(method, path) else {
                        Issue.record("\(file): \(method.name) \(path.joined(separator: "/"))")
                        continue
                    }
                }
            }
            #expect(count > 20)
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
