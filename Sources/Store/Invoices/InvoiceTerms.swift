internal import BSON
internal import Metering

extension InvoiceTerms {
    /// Those of an invoice; one from before they were kept has none.
    init(_ document: Document) throws {
        self.init(
            seller: try document.optionalDocument("seller").map { try InvoiceParty($0) } ?? InvoiceParty(),
            customer: try document.optionalDocument("customer").map { try InvoiceParty($0) } ?? InvoiceParty(),
            taxes: TaxTerms(
                rates: try document.optionalDocuments("tax_rates").map { try TaxRate($0) },
                exemption: try document.optionalString("tax_exemption")))
    }

    var fields: [(String, Value)] {
        get throws {
            [
                ("seller", seller.isEmpty ? .null : .document(seller.document)),
                ("customer", customer.isEmpty ? .null : .document(customer.document)),
                ("tax_rates", .array(try taxes.rates.map { .document(try $0.document) })), ("tax_exemption", .text(taxes.exemption)),
            ]
        }
    }
}

extension InvoiceParty {
    static let property: Value = ["bsonType": ["object", "null"]]

    init(_ document: Document) throws {
        self.init(
            name: try document.optionalString("name"), address: try document.optionalDocument("address").map { try PostalAddress($0) },
            taxID: try document.optionalString("tax_id"))
    }

    var document: Document { ["name": .text(name), "address": address?.value ?? .null, "tax_id": .text(taxID)] }
}

extension PostalAddress {
    init(_ document: Document) throws {
        self.init(fields: Dictionary(try document.map { ($0.key, try document.string($0.key)) }) { first, _ in first })
    }

    var value: Value { .document(Self.names.compactMap { name in fields[name].map { (name, .string($0)) } }) }
}

extension TaxRate {
    static func property(atMost count: Int) -> Value { ["bsonType": ["array", "null"], "maxItems": .int64(Int64(count))] }

    init(_ document: Document) throws {
        let (name, percent) = (try document.string("name"), try document.money("percent"))
        guard let rate = TaxRate(name: name, percent: percent, isInclusive: try document.bool("inclusive")) else {
            throw StoreError(.invalid, "A tax of \(percent.text) percent is out of bounds.")
        }
        self = rate
    }

    var document: Document {
        get throws { ["name": .string(name), "percent": try .money(percent), "inclusive": .bool(isInclusive)] }
    }
}

extension CountryTaxRate {
    init(_ document: Document) throws {
        self.init(country: try document.optionalString("country"), rate: try TaxRate(document))
    }

    var document: Document {
        get throws {
            var document = try rate.document
            document.append("country", .text(country))
            return document
        }
    }
}

extension Document {
    /// None where the field is not there, or null.
    func optionalDocuments(_ key: String) throws -> [Document] {
        switch self[key] {
        case nil, .null: []
        default: try documents(key)
        }
    }
}
