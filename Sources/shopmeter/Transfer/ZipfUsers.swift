internal import Metering

/// Assigns each row of a log without users to one of `user-1` … `user-N`: `user-k` gets a share of the rows in proportion to 1/k (Zipf's law), and a
/// row gets the same user in every run.
///
/// splitmix64 (Steele, Lea, Flood 2014) of the row's number, cut to 53 bits, is a point from 0 to 1; the user is the one into whose share it falls.
struct ZipfUsers {
    /// How many users there may be.
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

    /// The index of the share into which a point falls: the first that ends after it.
    private func rank(at point: Double) -> Int {
        var (low, high) = (0, shares.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if shares[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// One output of the generator for a seed.
    static func splitmix64(_ seed: UInt64) -> UInt64 {
        var z = seed &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
