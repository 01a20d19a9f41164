internal import Foundation

/// Samples that are changed at random, again and again, and given to a reader of untrusted bytes. What a run does follows from its seed.
///
/// In the suite it is a short round. With `SHOPMETER_FUZZ_SECONDS` (`docker/fuzz.sh`) each takes so long, by the seed `SHOPMETER_FUZZ_SEED`, and notes each
/// input in the folder `SHOPMETER_FUZZ_DIR` before it is tried, so that one that ends the process is there.
package struct Fuzzing {
    private let name: String
    private let samples: [[UInt8]]
    private let words: [[UInt8]]
    private var generator: SplitMix

    /// `words`: what is put in now and then, as they mean something to the reader.
    package init(_ name: String, samples: [String], words: [String] = []) {
        self.init(name, bytes: samples.map { Array($0.utf8) }, words: words)
    }

    package init(_ name: String, bytes samples: [[UInt8]], words: [String] = []) {
        self.name = name
        self.samples = samples
        self.words = words.map { Array($0.utf8) }
        generator = SplitMix(seed: Self.number("SHOPMETER_FUZZ_SEED").map(UInt64.init) ?? 1)
    }

    private static func number(_ variable: String) -> UInt32? { ProcessInfo.processInfo.environment[variable].flatMap(UInt32.init) }

    /// Gives inputs to the body, `rounds` of them or for as long as a long run takes. Returns how many there were. What the body throws ends it.
    @discardableResult
    package mutating func run(rounds: Int, _ body: ([UInt8]) throws -> Void) async throws -> Int {
        let end = Self.number("SHOPMETER_FUZZ_SECONDS").map { ContinuousClock.now + .seconds($0) }
        let note = try end.flatMap { _ in try self.note() }
        var count = 0
        while end.map({ ContinuousClock.now < $0 }) ?? (count < rounds) {
            // Other tests wait for this thread.
            if count.isMultiple(of: 64) { await Task.yield() }
            let input = next()
            if let note {
                try note.seek(toOffset: 0)
                try note.write(contentsOf: Data(input))
                try note.truncate(atOffset: UInt64(input.count))
            }
            try body(input)
            count += 1
        }
        if end != nil { print("\(name): \(count) inputs") }
        return count
    }

    /// The file with the present input, which stays open; nil where no folder is named.
    private func note() throws -> FileHandle? {
        guard let folder = ProcessInfo.processInfo.environment["SHOPMETER_FUZZ_DIR"] else { return nil }
        let path = folder + "/" + name
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    private mutating func next() -> [UInt8] {
        var bytes = samples.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &generator) { change(&bytes) }
        return bytes
    }

    private static let telling: [UInt8] =
        Array("\u{0}\t\n\r \"#%'()*+,-./0129:;<=>?@AZ[\\]^_az{|}~\u{7F}".utf8) + [0x80, 0xBF, 0xC0, 0xC3, 0xED, 0xF4, 0xFF]

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let length = min(bytes.count - place, Int.random(in: 1...16, using: &generator))
        let range = place..<place + length
        switch Int.random(in: 0..<8, using: &generator) {
        case 0 where !range.isEmpty: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where !range.isEmpty: bytes[place] = Self.telling.randomElement(using: &generator) ?? 0
        case 2: bytes.insert(Self.telling.randomElement(using: &generator) ?? 0, at: place)
        case 3: bytes.removeSubrange(range)
        case 4: bytes.insert(contentsOf: bytes[range], at: place)
        case 5: bytes.insert(contentsOf: words.randomElement(using: &generator) ?? [], at: place)
        case 6: bytes.removeSubrange(place...)
        default:
            let other = samples.randomElement(using: &generator) ?? []
            bytes.replaceSubrange(place..., with: other.dropFirst(Int.random(in: 0...other.count, using: &generator)))
        }
    }
}
