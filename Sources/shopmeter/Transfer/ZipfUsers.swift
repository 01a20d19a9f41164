internal import Metering

/// Gives each row of a log without users one of `user-1` to `user-N`, always the same: `user-k` gets a share of 1/k (Zipf's law).
///
/// The row's number goes through splitmix64 (Steele, Lea, Flood 2014) to a fraction of 2^53, and that through the inverse of the
/// harmonic distribution.
struct ZipfUsers {
    static let range: ClosedRange<Int64> = 1...1_000_000

    /// Where each user's share ends, from 0 to 1.
    private let shares: [Double]

    init(count: Int) {
        var sum = 0.0
        let sums = (1...count).map { rank in
            sum += 1 / Double(rank)
            return sum
        }
        shares = sums.map { $0 / sum }
    }

    func user(ofRow row: Int) -> UserID {
        let point = Double(Self.splitmix64(UInt64(row)) >> 11) * 0x1p-53
        return UserID(stored: "user-\(rank(at: point) + 1)")
    }

    /// The first share that ends after the point.
    private func rank(at point: Double) -> Int {
        var (low, high) = (0, shares.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if shares[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }

    static func splitmix64(_ seed: UInt64) -> UInt64 {
        var z = seed &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
