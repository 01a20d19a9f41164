import Testing

@testable import shopmeter

@Suite struct CSVParserTests {
    typealias Record = CSVParser.Record

    private static func good(_ line: Int, _ fields: String...) -> Record { Record(line: line, content: .success(fields)) }
    private static func bad(_ line: Int, _ problem: CSVProblem) -> Record { Record(line: line, content: .failure(problem)) }

    private func parse(_ pieces: some Sequence<ArraySlice<UInt8>>) -> [Record] {
        var parser = CSVParser()
        var records: [Record] = []
        for piece in pieces { records += parser.feed(piece) }
        return records + parser.finish()
    }

    static let cases: [(String, [Record])] = [
        ("", []), ("a,b\r\n", [good(1, "a", "b")]), ("a,b", [good(1, "a", "b")]), ("a,b\nc,d\n", [good(1, "a", "b"), good(2, "c", "d")]),
        (",\r\n", [good(1, "", "")]), ("a,", [good(1, "a", "")]), ("\"\"\r\n", [good(1, "")]), ("\"\"", [good(1, "")]),
        ("\"a\"\"b\",c\r\n", [good(1, "a\"b", "c")]), ("\"a,b\"\r\n", [good(1, "a,b")]),
        ("\"a\r\nb\",c\r\nd,e\r\n", [good(1, "a\r\nb", "c"), good(3, "d", "e")]), ("\"\"\"\"\n", [good(1, "\"")]),
        (" a , b \r\n", [good(1, " a ", " b ")]), ("a\n\n\r\nb\n", [good(1, "a"), good(4, "b")]),
        ("\u{FEFF}a,b\n", [good(1, "a", "b")]), ("\u{FEFF}", []), ("ä,€,😀\n", [good(1, "ä", "€", "😀")]),
        ("a\"b,c\nd\n", [bad(1, .strayQuote), good(2, "d")]), ("\"a\"b\nd\n", [bad(1, .strayQuote), good(2, "d")]),
        ("a\rb\nd\n", [bad(1, .bareReturn), good(2, "d")]), ("a\r", [bad(1, .bareReturn)]),
        ("d\n\"a,b\nc", [good(1, "d"), bad(2, .openQuote)]),
        ("\"a\"\rb\nd\n", [bad(1, .bareReturn), good(2, "d")]),
    ]

    @Test(arguments: cases.indices)
    func `What RFC 4180 allows is read, and what it does not is a problem of its record alone`(index: Int) {
        let (text, records) = Self.cases[index]
        #expect(parse([Array(text.utf8)[...]]) == records)
    }

    @Test(arguments: cases.indices)
    func `Wherever the bytes are cut, the records are the same`(index: Int) {
        let (text, records) = Self.cases[index]
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                #expect(parse([bytes[..<first], bytes[first..<second], bytes[second...]]) == records, "cut at \(first) and \(second)")
            }
        }
    }

    @Test(arguments: [[0xEF], [0xEF, 0xBB], [0xFF, 0x61], [0x61, 0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func `Bytes that are not UTF-8 are a problem`(bytes: [UInt8]) {
        #expect(parse([(bytes + [0x0A, 0x62])[...]]) == [Self.bad(1, .notText), Self.good(2, "b")])
    }

    @Test func `A record over the bound is a problem, and what comes after its line is read`() {
        let field = [UInt8](repeating: UInt8(ascii: "a"), count: CSVParser.maximumRecord)
        #expect(parse([(field + Array(",b\nc\n".utf8))[...]]) == [Self.bad(1, .tooLong), Self.good(2, "c")])
        #expect(parse([(field.dropLast() + Array("\nc\n".utf8))[...]]).count == 2)
        #expect(parse([(field + Array("\nc\n".utf8))[...]]) == [Self.bad(1, .tooLong), Self.good(2, "c")])
    }
}
