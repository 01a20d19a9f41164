internal import Foundation
internal import Glibc

/// Folders, with the system's own words for what goes wrong.
package enum Folder {
    /// Makes the folder and those above it that are missing, for this user alone. Returns why it cannot be made; nil when it is there.
    package static func make(_ path: String) -> String? {
        if unsafe mkdir(path, 0o700) == 0 { return nil }
        let code = errno
        if code == EEXIST { return isFolder(path) ? nil : systemMessage(ENOTDIR) }
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard code == ENOENT, parent != path else { return systemMessage(code) }
        if let reason = make(parent) { return reason }
        return unsafe mkdir(path, 0o700) == 0 ? nil : systemMessage(errno)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// Reads files whose size is not known before, as those in /proc.
package enum SmallFile {
    /// The first 64 KiB of the file; nil when it cannot be read, and then `errno` tells why. (Foundation's readers leak a buffer when a file is empty.)
    package static func read(_ path: String) -> [UInt8]? {
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

    /// The number in the file's first word.
    static func number<Number: FixedWidthInteger>(in path: String) -> Number? {
        guard let bytes = read(path) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).first.flatMap { Number($0) }
    }
}

/// A file's error of Foundation in the words of the operating system.
package func fileErrorText(_ error: any Error) -> String {
    var cause: NSError? = error as NSError
    while let current = cause, current.domain != NSPOSIXErrorDomain { cause = current.userInfo[NSUnderlyingErrorKey] as? NSError }
    if let cause { return systemMessage(Int32(clamping: cause.code)) }
    let codes: [CocoaError.Code: String] = [
        .fileNoSuchFile: systemMessage(ENOENT), .fileReadNoSuchFile: systemMessage(ENOENT), .fileReadNoPermission: systemMessage(EACCES),
        .fileWriteNoPermission: systemMessage(EACCES), .fileWriteOutOfSpace: systemMessage(ENOSPC),
        .fileWriteFileExists: systemMessage(EEXIST),
        .fileReadInapplicableStringEncoding: "it is no text in UTF-8", .fileReadCorruptFile: "it is no text in UTF-8",
    ]
    return (error as? CocoaError).flatMap { codes[$0.code] } ?? "the system does not say why"
}
