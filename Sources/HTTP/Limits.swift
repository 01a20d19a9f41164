/// Every bound of the request parser. What is over one is refused before it is kept.
package struct Limits: Sendable, Equatable {
    /// Bytes of the request line, without its CRLF.
    package var requestLine = 8 * 1024
    /// Bytes of all header lines together, with their CRLFs; the trailers of a chunked body have the same bound.
    package var headerBytes = 16 * 1024
    /// Header lines of one request; trailers have the same bound.
    package var headerCount = 64
    /// Bytes of a body, decoded.
    package var body = 1024 * 1024
    /// Bytes of one chunk-size line, with its extensions, without its CRLF.
    package var chunkLine = 256
    /// Bytes of all chunk extensions of one body; without this bound a small body could bring endless extensions.
    package var chunkExtensions = 16 * 1024

    package init() {}
}
