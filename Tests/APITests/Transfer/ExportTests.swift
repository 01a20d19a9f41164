import JSON
import Testing
import Web

@testable import API

struct ExportTests {
    private func line(_ cells: [CSV.Cell]) -> String {
        var bytes: [UInt8] = []
        CSV.write(cells, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `Cells are parted by commas and lines end with CR and LF`() {
        #expect(line([.text("a"), .integer(-5), .empty, .number("-12.50"), .text("é")]) == "a,-5,,-12.50,é\r\n")
        #expect(line([]) == "\r\n")
    }

    @Test(arguments: [
        ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""), ("\"", "\"\"\"\""),
        ("", ""),
        (" a ", " a "),
    ])
    func `A cell with a comma, a quotation mark or a line's end is quoted`(text: String, cell: String) {
        #expect(line([.text(text)]) == cell + "\r\n")
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "\"'\r=1\""),
        ("=A1,\"x\"", "\"'=A1,\"\"x\"\"\""), ("a=1", "a=1"), ("1-1", "1-1"),
    ])
    func `Text that a spreadsheet would compute is made harmless`(text: String, cell: String) {
        #expect(line([.text(text)]) == cell + "\r\n")
    }

    @Test func `A value is one line whatever is in it`() {
        var bytes: [UInt8] = []
        NDJSON.write(["a": "x\ny\r"], into: &bytes)
        NDJSON.write(nil, into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "{\"a\":\"x\\ny\\r\"}\nnull\n")
    }
}
