internal import Metering
internal import Service
internal import Store

/// The parsed arguments of `prices import`.
struct PriceImportOptions: Equatable, Sendable {
    /// The path of the file.
    var file: String
    let shop: ShopID
    /// The shop's currency, in which the prices are stored.
    let currency: Currency
    /// How many units of that one US dollar is; nil where it is the dollar.
    let rate: Money?
    /// Whether a price may change by more than 100 times.
    let accepting: Bool
    /// When the prices come into force; nil for now.
    let effectiveFrom: Timestamp?
    let storing: ModelPriceStoring

    init(_ arguments: Arguments) throws(UsageError) {
        file = arguments.operands[0]
        shop = try arguments.shop()
        currency =
            try Setting("currency", expected: "three capital letters, such as EUR") { Currency($0) }.option(of: arguments)
            ?? Self.fileCurrency
        rate = try Setting("rate", expected: "a decimal above 0, such as 0.92") { Money($0).flatMap { $0 > .zero ? $0 : nil } }
            .option(of: arguments)
        accepting = arguments.has(flag: "accept")
        effectiveFrom = try Setting("effective-from", expected: "an RFC 3339 time, such as 2026-11-20T23:10:00Z") { Timestamp(rfc3339: $0) }
            .option(of: arguments)
        if currency != Self.fileCurrency, rate == nil {
            throw UsageError("--currency \(currency.code) needs --rate: how many \(currency.code) one US dollar is, in which the file is.")
        }
        if currency == Self.fileCurrency, rate != nil {
            throw UsageError("--rate needs a --currency other than the file's, the US dollar.")
        }
        storing = arguments.has(flag: "dry-run") ? .nothing : arguments.has(flag: "skip-refused") ? .whatIsGood : .whole
    }

    /// The currency of LiteLLM's list.
    private static let fileCurrency = Currency(stored: "USD")
}

/// Imports the prices of a file into a shop.
struct PriceImporter {
    let service: ShopMeter
    let options: PriceImportOptions

    func run() async throws -> PriceImportSummary {
        let shop = try await service.shop(options.shop)
        guard shop.currency == options.currency else {
            throw Failure(
                "The shop \(shop.id) has \(shop.currency.code), and the prices would be in \(options.currency.code): give --currency and --rate."
            )
        }
        let file = try PriceFile(options.file, rate: options.rate ?? Money(units: Money.unitsPerOne))
        let findings = try await service.importModelPrices(
            file.entries.map(request), of: shop.tenant, from: options.effectiveFrom, storing: storing(file), accepting: options.accepting)
        return PriceImportSummary(of: file, findings, storing: options.storing)
    }

    /// When the whole file was asked for, and a part of it cannot even be parsed, nothing is stored.
    private func storing(_ file: PriceFile) -> ModelPriceStoring {
        options.storing == .whole && !file.refused.isEmpty ? .nothing : options.storing
    }

    private func request(_ entry: PriceFile.Entry) -> ModelPriceRequest {
        ModelPriceRequest(
            model: entry.model, rates: entry.rates, currency: options.currency, effectiveFrom: options.effectiveFrom)
    }
}
