import Testing

@testable import BSON

extension Document {
    /// At least one field of every type, with its smallest and largest interesting values.
    static let everything: Document = [
        "string": "text", "empty": "", "long string": .string(String(repeating: "é", count: 1000)), "NUL inside": "a\0b",
        "int64": .int64(.min), "int32": .int32(.max), "double": .double(-0.1), "true": true, "false": false, "null": nil,
        "date": .date(milliseconds: -1), "id": .objectID(ObjectID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C)),
        "decimal": .decimal(Decimal128(high: 0x3040_0000_0000_0000, low: 12345)), "binary": .binary([0, 1, 255]), "no bytes": .binary([]),
        "uuid": .taggedBinary(subtype: 4, Array(0..<16)), "timestamp": .timestamp(0x1234_5678_0000_0001),
        "document": ["a": ["b": ["c": 1]], "": "empty key"], "no fields": [:], "array": [1, "two", [3], ["four": 4]], "no values": [],
        "long array": .array((0..<1200).map { .int64($0) }),
    ]
}

@Suite struct `BSON bytes` {
    @Test(arguments: Document.everything.map { Document([($0.key, $0.value)]) } + [[:], .everything])
    func `A document survives encoding and decoding`(document: Document) throws {
        #expect(try Document(bytes: document.bytes()) == document)
    }

    @Test(arguments: Document.everything.map { Document([($0.key, $0.value)]) } + [[:], .everything])
    func `libbson reads what we write and writes what we read`(document: Document) throws {
        let native = try NativeDocument(document)
        #expect(try unsafe Document(copying: native.pointer) == document)
        // libbson parses the text into a document of its own, whose bytes must equal ours.
        #expect(try Document(json: document.json(.canonical)).bytes() == document.bytes())
    }

    @Test func `The bytes are those of the specification`() throws {
        let document: Document = ["hello": "world"]
        #expect(try document.bytes() == [0x16, 0, 0, 0, 2] + Array("hello\0".utf8) + [6, 0, 0, 0] + Array("world\0".utf8) + [0])
        let mixed: Document = ["BSON": ["awesome", .double(5.05), .int32(1986)]]
        let expected: [UInt8] =
            [0x31, 0, 0, 0, 4] + Array("BSON\0".utf8) + [0x26, 0, 0, 0, 2, 0x30, 0, 8, 0, 0, 0] + Array("awesome\0".utf8) + [
                1, 0x31, 0, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x14, 0x40, 0x10, 0x32, 0, 0xC2, 7, 0, 0, 0, 0,
            ]
        #expect(try mixed.bytes() == expected)
    }

    @Test func `Every truncation of a document is a typed error`() throws {
        let bytes = try Document.everything.bytes()
        for count in (0..<2000).filter({ $0 < bytes.count }) {
            #expect(throws: BSONError.self) { try Document(bytes: Array(bytes.prefix(count))) }
            // The same cut, with a length field that agrees with it.
            var agreeing = Array(bytes.prefix(count))
            guard count >= 4 else { continue }
            unsafe withUnsafeBytes(of: Int32(count).littleEndian) { unsafe agreeing.replaceSubrange(0..<4, with: $0) }
            #expect(throws: BSONError.self) { try Document(bytes: agreeing) }
        }
    }

    @Test func `No change of a byte traps, and what still decodes encodes again`() throws {
        var document = Document.everything
        document["long string"] = "short"
        document["long array"] = [1, 2, 3]
        let bytes = try document.bytes()
        var generator = SystemRandomNumberGenerator()
        for index in bytes.indices {
            for byte in [0, 1, 0x7F, 0x80, 0xFF, bytes[index] &+ 1, UInt8.random(in: 0...255, using: &generator)] {
                var changed = bytes
                changed[index] = byte
                guard let decoded = try? Document(bytes: changed) else { continue }
                #expect(try Document(bytes: decoded.bytes()).count == decoded.count)
            }
        }
    }

    @Test func `Random bytes never trap`() async {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            await Task.yield()
            let count = Int.random(in: 5...80, using: &generator)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) & (Bool.random() ? 0x1F : 0xFF) }
            bytes.replaceSubrange(0..<4, with: [UInt8(count), 0, 0, 0])
            bytes[count - 1] = 0
            _ = try? Document(bytes: bytes)
        }
    }

    @Test(
        arguments: [
            ([], .truncated(offset: 0)), ([5, 0, 0, 0], .truncated(offset: 0)), ([4, 0, 0, 0, 0], .truncated(offset: 0)),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0], .truncated(offset: 0)), ([5, 0, 0, 0, 1], .malformed(offset: 4)),
            ([5, 0, 0, 0, 0, 0], .malformed(offset: 5)), ([8, 0, 0, 0, 0x0A, 0x61, 0, 7], .malformed(offset: 7)),
            ([9, 0, 0, 0, 8, 0x61, 0, 2, 0], .malformed(offset: 7)), ([8, 0, 0, 0, 0xFF, 0x61, 0, 0], .unsupportedType(0xFF, offset: 7)),
            ([8, 0, 0, 0, 0x0A, 0xFF, 0, 0], .invalidUTF8(offset: 5)),
            ([14, 0, 0, 0, 2, 0x61, 0, 2, 0, 0, 0, 0xC3, 0, 0], .invalidUTF8(offset: 11)),
            ([14, 0, 0, 0, 2, 0x61, 0, 2, 0, 0, 0, 0x62, 1, 0], .malformed(offset: 12)),
            ([13, 0, 0, 0, 2, 0x61, 0, 0, 0, 0, 0, 0, 0], .truncated(offset: 11)),
            ([13, 0, 0, 0, 5, 0x61, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0], .truncated(offset: 12)),
            ([14, 0, 0, 0, 5, 0x61, 0, 2, 0, 0, 0, 0, 9, 0], .truncated(offset: 12)),
        ] as [([UInt8], BSONError)])
    func `Malformed bytes are refused with the place`(bytes: [UInt8], error: BSONError) {
        #expect(throws: error) { try Document(bytes: bytes) }
    }
}

@Suite struct `BSON limits` {
    private func nested(_ levels: Int) -> Document {
        (1..<levels).reduce(["x": 1]) { inner, _ in ["x": .document(inner)] }
    }

    @Test func `Thirty-two levels are taken and thirty-three refused, both ways`() throws {
        let deepest = nested(32)
        #expect(try Document(bytes: deepest.bytes()) == deepest)
        #expect(throws: BSONError.tooDeep) { try nested(33).bytes() }
        #expect(throws: BSONError.tooDeep) { try Document(bytes: wrapped(deepest.bytes())) }
        #expect(throws: BSONError.tooDeep) { try (["x": [.document(nested(31))]] as Document).bytes() }
    }

    /// `{"x": document}`, as bytes.
    private func wrapped(_ document: [UInt8]) -> [UInt8] {
        let count = document.count + 8
        return [UInt8(count & 0xFF), UInt8(count >> 8), 0, 0, 3, 0x78, 0] + document + [0]
    }

    @Test func `Sixteen megabytes are taken and one byte more refused`() throws {
        let overhead = 4 + 1 + 2 + 5 + 1
        let fitting = BSONLimit.bytes - overhead
        let document: Document = ["x": .binary([UInt8](repeating: 0, count: fitting))]
        #expect(try document.bytes().count == BSONLimit.bytes)
        let larger: Document = ["x": .binary([UInt8](repeating: 0, count: fitting + 1))]
        #expect(throws: BSONError.tooLarge(bytes: BSONLimit.bytes + 1)) { try larger.bytes() }
        #expect(throws: BSONError.tooLarge(bytes: BSONLimit.bytes + 1)) {
            try Document(bytes: [UInt8](repeating: 0, count: BSONLimit.bytes + 1))
        }
    }

    @Test(arguments: ["a\0", "\0", "a name longer than fifteen bytes \0 x"])
    func `A name with NUL is refused`(key: String) {
        #expect(throws: BSONError.keyContainsNUL) { try Document([(key, 1)]).bytes() }
        #expect(throws: BSONError.keyContainsNUL) { try Document([("x", .array([.document(Document([(key, 1)]))]))]).bytes() }
    }

    @Test func `Text that looks alike is other text when its bytes are others`() {
        let (composed, decomposed) = ("é", "e\u{301}")
        #expect(composed == decomposed && Value.string(composed) != .string(decomposed))
        #expect(Value.document(["id": .string(composed)]) != .document(["id": .string(decomposed)]))
        #expect(Set([Value.string(composed), .string(decomposed), .string(composed)]).count == 2)
    }
}
