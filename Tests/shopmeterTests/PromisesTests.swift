import Foundation
import Support
import Testing

struct PromisesTests {
    @Test func `Each proof that the page of promises names is there`() throws {
        let page = try String(contentsOf: repositoryFile("Tests/PROMISES.md"), encoding: .utf8)
        let files = FileManager.default.enumerator(atPath: repositoryFile("Tests").path)?.compactMap { $0 as? String } ?? []
        let suites = try files.filter { $0.hasSuffix("Tests.swift") }.reduce(into: Set<String>()) { names, file in
            let text = try String(contentsOf: repositoryFile("Tests/\(file)"), encoding: .utf8)
            names.formUnion(text.matches(of: /(?:struct|class) (\w+Tests)/).map { String($0.output.1) })
        }
        let rooms = Set(files.filter { !$0.contains("/") })
        let named = page.matches(of: /`(\w+Tests)`/).map { String($0.output.1) }
        #expect(named.count > 40)
        #expect(named.filter { !suites.contains($0) && !rooms.contains($0) } == [])
        for script in Set(page.matches(of: /`(docker\/[\w.]+)/).map { String($0.output.1) }) {
            #expect(FileManager.default.fileExists(atPath: repositoryFile(script).path), "\(script)")
        }
    }
}
