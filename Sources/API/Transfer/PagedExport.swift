/// An export that goes on after the last item of the page before.
struct PagedExport<Item: Sendable>: Export {
    static var pageSize: Int { 500 }

    private(set) var rows = 0
    private let format: ExportFormat
    private let columns: [ExportColumn<Item>]
    private let page: @Sendable (_ last: Item?) async throws -> [Item]
    private let isWanted: @Sendable (Item) -> Bool
    private var last: Item?
    private var isOver = false

    /// `page` gives at most `pageSize` items after the last one. What is not wanted is passed over here: a page that the database would
    /// have to look for among millions of others would take it too long.
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
