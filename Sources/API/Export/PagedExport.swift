/// An export that goes on after the last item of the page before.
struct PagedExport<Item: Sendable>: Export {
    static var pageSize: Int { 500 }

    private(set) var rows = 0
    private let format: ExportFormat
    private let columns: [ExportColumn<Item>]
    private let page: @Sendable (_ last: Item?) async throws -> [Item]
    private var last: Item?
    private var isOver = false

    /// `page` gives at most `pageSize` items after the last one.
    init(_ format: ExportFormat, _ columns: [ExportColumn<Item>], page: @escaping @Sendable (_ last: Item?) async throws -> [Item]) {
        self.format = format
        self.columns = columns
        self.page = page
    }

    mutating func next() async throws -> [UInt8]? {
        if isOver { return nil }
        let items = try await page(last)
        var bytes = last == nil ? format.header(columns) : []
        for item in items { format.write(item, columns, into: &bytes) }
        rows += items.count
        last = items.last
        isOver = items.count < Self.pageSize
        return bytes
    }
}
