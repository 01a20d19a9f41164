package import Bytes

/// Who sells or buys, as an invoice names it.
package struct InvoiceParty: Equatable, Sendable {
    @Bytewise package var name: String?
    package var address: PostalAddress?
    @Bytewise package var taxID: String?

    package init(name: String? = nil, address: PostalAddress? = nil, taxID: String? = nil) {
        self.name = name
        self.address = address
        self.taxID = taxID
    }

    /// Whether nothing is said.
    package var isEmpty: Bool { name == nil && address == nil && taxID == nil }
}

/// What an invoice says beside its lines, as it was when it was issued: later changes of the shop or the user leave it as it is.
package struct InvoiceTerms: Equatable, Sendable {
    package let seller: InvoiceParty
    package let customer: InvoiceParty
    package let taxes: TaxTerms

    package init(seller: InvoiceParty = InvoiceParty(), customer: InvoiceParty = InvoiceParty(), taxes: TaxTerms = .none) {
        self.seller = seller
        self.customer = customer
        self.taxes = taxes
    }

    package init(of profile: UserProfile?, in shop: Shop) {
        self.init(
            seller: shop.rules.seller,
            customer: InvoiceParty(name: profile?.name, address: profile?.address, taxID: profile?.taxID),
            taxes: TaxTerms(of: profile, in: shop.rules.taxRates))
    }
}
