/// Integers in a URL, where everything is text.
enum IntegerText {
    /// An integer that has one text only: `0`, `-7`, `42`; nil for `+1`, `01`, `-0`, `1.0` and what has more than 64 bits.
    static func integer(_ text: some StringProtocol) -> Int64? {
        guard let integer = Int64(text), String(integer) == text else { return nil }
        return integer
    }
}
