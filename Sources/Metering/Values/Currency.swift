/// A currency of ISO 4217.
package struct Currency: Hashable, Sendable {
    package let code: String

    /// Nil for a text that is not the code of a currency.
    package init?(_ code: String) {
        guard Self.codes.contains(code) else { return nil }
        self.code = code
    }

    /// Takes a code that was checked when it was first stored.
    package init(stored code: String) { self.code = code }

    /// The digits after the point of the smallest amount that is paid in it: of yen 0, of dollars 2, of Kuwaiti dinars 3.
    package var minorDigits: Int {
        if Self.withoutMinor.contains(code) { return 0 }
        return Self.withThousandths.contains(code) ? 3 : 2
    }

    /// The smallest amount that is paid in it.
    package var smallest: Money {
        Money(units: (0..<minorDigits).reduce(Money.unitsPerOne) { units, _ in units / 10 })
    }

    private static let withoutMinor = set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")
    private static let withThousandths = set("BHD IQD JOD KWD LYD OMR TND")

    /// The currencies of the standard's list that are in use. Metals, units of account between banks and codes for tests are left out.
    /// The codes, in order.
    package static let allCodes = codes.sorted()

    private static let codes = withoutMinor.union(withThousandths).union(
        set(
            """
            AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK \
            DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK \
            LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON \
            RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST \
            XCD XCG YER ZAR ZMW ZWG
            """))

    private static func set(_ codes: String) -> Set<String> { Set(codes.split(separator: " ").map(String.init)) }
}
