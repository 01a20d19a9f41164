internal import Metering
internal import Service
internal import Store

/// The parsed arguments of `prices import`.
struct PriceImportOptions: Equatable, Sendable {
    /// The path of the file.
    var file: String
    let shop: ShopID
    let currency: Currency
    /// When the prices come into force; nil for now.
    let effectiveFrom: Timestamp?
    let storing: ModelPriceStoring

    init(_ arguments: Arguments) throws(UsageError) {
        file = arguments.operands[0]
        shop = try arguments.shop()
        currency =
            try Setting("currency", expected: "three capital letters, such as EUR") { Currency($0) }.option(of: arguments)
            ?? Currency(stored: "USD")
        effectiveFrom = try Setting("effective-from", expected: "an RFC 3339 time, such as 2026-11-20T23:10:00Z") { Timestamp(rfc3339: $0) }
            .option(of: arguments)
        storing = arguments.has(flag: "dry-run") ? .nothing : arguments.has(flag: "skip-refused") ? .whatIsGood : .whole
    }
}

/// Imports the prices of a file into a shop.
struct PriceImporter {
    let service: ShopMeter
    let options: PriceImportOptions

    func run() async throws -> PriceImportSummary {
        let shop = try await service.shop(options.shop)
        guard shop.currency == options.currency else {
            throw Failure("The prices are in \(options.currency.code) (--currency), and the shop \(shop.id) has \(shop.currency.code).")
        }
        let file = try PriceFile(options.file)
        let findings = try await service.importModelPrices(file.entries.map(request), of: shop.tenant, storing: storing(file))
        return PriceImportSummary(of: file, findings, storing: options.storing)
    }

    /// When the whole file was asked for, and a part of it cannot even be parsed, nothing is stored.
    private func storing(_ file: PriceFile) -> ModelPriceStoring {
        options.storing == .whole && !file.refused.isEmpty ? .nothing : options.storing
    }

    private func request(_ entry: PriceFile.Entry) -> ModelPriceRequest {
        ModelPriceRequest(
            model: entry.model, inputPerMillion: entry.input, outputPerMillion: entry.output, currency: options.currency,
            effectiveFrom: options.effectiveFrom)
    }
}
