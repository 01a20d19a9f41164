/// An export of a collection that is read page by page. Each page is written where it is read, on a database thread.
struct PagedExport<Item: Sendable>: Export {
    static var pageSize: Int { 500 }

    /// A page as it goes to the client.
    struct Page: Sendable {
        var bytes: [UInt8] = []
        var rows = 0
        var last: Item?
        var isLast = false
    }

    /// Reads the next items after `last`, at most `pageSize`, and gives them to `write`.
    typealias Read = @Sendable (_ last: Item?, _ write: @escaping @Sendable ([Item]) -> Page) async throws -> Page

    private(set) var rows = 0
    private let writer: RowWriter<Item>
    private let read: Read
    private let isWanted: @Sendable (Item) -> Bool
    private var last: Item?
    private var isOver = false

    /// Items that are not wanted are dropped here, not by the database, which would take too long to find one page of wanted items among
    /// millions of others.
    init(_ writer: RowWriter<Item>, where isWanted: @escaping @Sendable (Item) -> Bool, read: @escaping Read) {
        self.writer = writer
        self.isWanted = isWanted
        self.read = read
    }

    mutating func next() async throws -> [UInt8]? {
        var bytes = last == nil && !isOver ? writer.header : []
        while !isOver {
            let page = try await read(last) { [writer, isWanted] items in
                var page = Page(last: items.last, isLast: items.count < Self.pageSize)
                for item in items where isWanted(item) {
                    page.rows += writer.write(item, into: &page.bytes)
                }
                return page
            }
            bytes += page.bytes
            rows += page.rows
            (last, isOver) = (page.last, page.isLast)
            if !bytes.isEmpty { return bytes }
        }
        return nil
    }
}
