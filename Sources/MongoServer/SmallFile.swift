internal import Glibc

/// Files whose size nobody tells beforehand, as those below /proc.
enum SmallFile {
    /// The first 64 KB of the file, nil where it cannot be read. (Foundation's readers leak a buffer when a file is empty.)
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var length = 0
        while length < bytes.count {
            // The count keeps the write inside the array.
            let got = unsafe bytes[length...].withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if got < 0 { return nil }
            if got == 0 { break }
            length += got
        }
        return Array(bytes.prefix(length))
    }

    /// The number that is all of the file's text.
    static func number<Number: FixedWidthInteger>(in path: String) -> Number? {
        guard let bytes = read(path) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).first.flatMap { Number($0) }
    }
}
