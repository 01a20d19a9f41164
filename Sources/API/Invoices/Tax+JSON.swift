import JSON
import Metering
import Web

extension TaxRate {
    static let inputFields: [Schema.Field] = [
        .optional("name", .string(1...100), "As invoices call it.", default: "VAT"),
        .required("percent", .documented(percentSchema), "From 0 to 100, with at most 4 digits after the point."),
        .optional("inclusive", .boolean, "Whether prices contain it; else it comes on top of them.", default: false),
    ]
    static let inputSchema = Schema.object(inputFields).named("TaxRateInput")

    private static let percentSchema = Schema.alternatives([.text(.percent), .number])

    static let fields: [Schema.Field] = [
        .required("name", .string(1...100)), .required("percent", .money), .required("inclusive", .boolean),
    ]
    static let schema = Schema.answer(fields).named("TaxRate")

    /// Reads the rates of a list in the body's `field`.
    static func read(_ list: [JSON], field: String) throws -> [TaxRate] {
        try list.enumerated().map { index, item in
            guard let fields = item.object else { throw WrongRead(what: field) }
            let percent = fields["percent"].flatMap(percentText).flatMap(Money.init(_:))
            let rate = try percent.flatMap { percent in
                TaxRate(
                    name: try fields.text(ifAny: "name") ?? "VAT", percent: percent,
                    isInclusive: try fields.bool(ifAny: "inclusive") ?? false)
            }
            guard let rate else {
                throw Problem.invalid(
                    "\(field)[\(index)].percent", "expected a decimal from 0 to 100 with at most \(percentDigits) digits after the point")
            }
            return rate
        }
    }

    /// A percentage may be sent as a text or as a number.
    private static func percentText(_ value: JSON) -> String? {
        switch value {
        case .string(let text), .number(let text): text
        case .integer(let integer): String(integer)
        default: nil
        }
    }

    var object: JSON.Object { JSON.Object(["name": name.json, "percent": percent.json, "inclusive": isInclusive.json]) }

    var json: JSON { .object(object) }
}

extension CountryTaxRate {
    static let inputSchema = Schema.object(
        [.optional("country", .nullable(.text(.country)), "Of the customer's address; null or left out: of whoever has no rate else.")]
            + TaxRate.inputFields
    ).named("CountryTaxRateInput")

    static let schema = Schema.answer([.required("country", .nullable(.text(.country)))] + TaxRate.fields).named("CountryTaxRate")

    static func read(_ list: [JSON], field: String) throws -> [CountryTaxRate] {
        let rates = try TaxRate.read(list, field: field)
        let read = try zip(list, rates).map { CountryTaxRate(country: try $0.object?.text(ifAny: "country"), rate: $1) }
        for (country, rates) in Dictionary(grouping: read, by: \.country) where rates.count > TaxTerms.maximumRates {
            throw Problem.invalid(
                field, "expected at most \(TaxTerms.maximumRates) rates of a country; \(country ?? "null") has \(rates.count)")
        }
        return read
    }

    var json: JSON { .object(JSON.Object(["country": country.json]).followed(by: rate.object)) }
}

extension TaxLine {
    static let schema = Schema.answer(
        TaxRate.fields + [
            .required("taxable", .moneySum, "What it is taken of: the lines, without any tax."), .required("amount", .moneySum),
        ]
    ).named("TaxLine")

    func json(in currency: Currency) -> JSON {
        .object(
            rate.object.followed(
                by: JSON.Object(["taxable": taxable.json(in: currency), "amount": amount.json(in: currency)])))
    }
}

extension InvoiceParty {
    static let schema = Schema.answer([
        .required("name", .nullable(.string(1...200))), .required("address", .any, "A text, or an object; null when there is none."),
        .required("tax_id", .nullable(.string(1...64))),
    ]).named("InvoiceParty")

    static let inputSchema = Schema.object([
        .optional("name", .nullable(.string(1...200))), .optional("address", PostalAddress.schema),
        .optional("tax_id", .nullable(.string(1...64))),
    ]).named("SellerInput")

    init(_ fields: JSON.Object, field: String) throws {
        self.init(
            name: try fields.text(ifAny: "name"),
            address: try fields["address"].flatMap { try PostalAddress.read($0, field: "\(field).address") },
            taxID: try fields.text(ifAny: "tax_id"))
    }

    var json: JSON { ["name": name.json, "address": address?.json ?? .null, "tax_id": taxID.json] }
}
