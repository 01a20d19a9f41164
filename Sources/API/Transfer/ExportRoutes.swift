import HTTP
import JSON
import Metering
import Service
import Web

/// Exports of a shop's data, streamed.
struct ExportRoutes: Sendable {
    let service: ShopMeter

    static let tag = "exporting"
    private static let collections = ExportCollection.allCases.map(\.rawValue).joined(separator: ", ")

    var all: [Route] { [get] }

    private var get: Route {
        Route(
            .get, "/v1/export/{collection}", id: "exportCollection", "Export a collection",
            description: """
                `from` and `to` mean when an event happened, when a subscription, a transaction, a wallet or an entry was made, when an \
                invoice was issued, from when on a price counts, and the current period of an account. Money, from invoices on, takes a key with the scope `billing` \
                as well.
                """,
            tag: Self.tag, access: .shop(.read),
            parameters: [
                .path("collection", .identifier, "One of \(Self.collections)."),
                .query("format", .choice(of: ExportFormat.self, named: "ExportFormat"), "What `Accept` asks for, when left out."),
                .query(
                    "time_format", .choice(of: TableOptions.TimeFormat.self, named: "ExportTimeFormat"),
                    "Of a table's times, which are in UTC: as LibreOffice reads them, as Excel does, to the second, or as in JSON.",
                    default: "spreadsheet"),
                .query(
                    "nested", .choice(of: TableOptions.Nested.self, named: "ExportNested"),
                    "Lists and objects in a table: as JSON in one cell, or left out.", default: "omitted"),
            ] + UsageRoutes.range,
            answers: [.text(200, "One item a line", as: ExportFormat.allCases.map(\.mediaType))], problems: [.notFound],
            isHeavy: true, handle: export)
    }

    private func export(_ call: Call) async throws -> Response {
        let (name, parameters) = (try call.parameters.text("collection"), call.parameters)
        guard let collection = ExportCollection(rawValue: name) else { throw Problem(.notFound, "there is no collection \(name)") }
        if let credential = call.credential { try Access.shop(collection.scope).check(credential) }
        let preferred = call.mediaType == MediaType.csv ? ExportFormat.csv : .ndjson
        let format = try parameters.value(ifAny: "format", ExportFormat.init(rawValue:)) ?? preferred
        let table = TableOptions(
            times: try parameters.value(ifAny: "time_format", TableOptions.TimeFormat.init(rawValue:)) ?? .spreadsheet,
            nested: try parameters.value(ifAny: "nested", TableOptions.Nested.init(rawValue:)) ?? .omitted)
        var export = try await service.export(
            collection, of: try call.tenant, as: format, table: table, from: try parameters.time(ifAny: "from"),
            to: try parameters.time(ifAny: "to"))
        // The first page is read before the answer begins, so that a database that is away is a 503.
        let first = try await export.next() ?? []
        let headers = Headers([
            "content-type": "\(format.mediaType); charset=utf-8",
            "content-disposition": "attachment; filename=\"\(name).\(format.rawValue)\"",
        ])
        return Response(
            status: 200, headers: headers,
            body: .stream { [export] writer in
                try await writer.write(first)
                var rest = export
                _ = try await rest.write(to: writer.write)
            })
    }
}
