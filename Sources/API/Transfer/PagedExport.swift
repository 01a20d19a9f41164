/// An export of a collection that is read page by page.
struct PagedExport<Item: Sendable>: Export {
    static var pageSize: Int { 500 }

    private(set) var rows = 0
    private let format: ExportFormat
    private let columns: [ExportColumn<Item>]
    private let page: @Sendable (_ last: Item?) async throws -> [Item]
    private let isWanted: @Sendable (Item) -> Bool
    private var last: Item?
    private var isOver = false

    /// `page` reads the next items after `last`, at most `pageSize`. Items that are not wanted are dropped here, not by the database, which
    /// would take too long to find one page of wanted items among millions of others.
    init(
        _ format: ExportFormat, _ columns: [ExportColumn<Item>], where isWanted: @escaping @Sendable (Item) -> Bool,
        page: @escaping @Sendable (_ last: Item?) async throws -> [Item]
    ) {
        self.format = format
        self.columns = columns
        self.isWanted = isWanted
        self.page = page
    }

    mutating func next() async throws -> [UInt8]? {
        var bytes = last == nil && !isOver ? format.header(columns) : []
        while !isOver {
            let items = try await page(last)
            for item in items where isWanted(item) {
                format.write(item, columns, into: &bytes)
                rows += 1
            }
            last = items.last
            isOver = items.count < Self.pageSize
            if !bytes.isEmpty { return bytes }
        }
        return nil
    }
}
