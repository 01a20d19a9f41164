extension Document {
    /// The document as BSON. Refuses what a server would refuse or misread: see `Limit`.
    package func bytes() throws(BSONError) -> [UInt8] {
        let size = try EncodedSize.of(self)
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var writer = unsafe Writer(UnsafeMutableRawBufferPointer(buffer))
            writer.write(self)
            count = writer.position
        }
    }

    /// Reads BSON that may come from anyone: whatever is wrong with it is a typed error.
    package init(bytes: [UInt8]) throws(BSONError) {
        self = try Reader.document(in: bytes.span)
    }
}
