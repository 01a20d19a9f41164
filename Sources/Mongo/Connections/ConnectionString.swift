internal import CMongoc

/// A MongoDB connection string that libmongoc can read. It may hold a password: whatever prints it shows its servers alone.
package struct ConnectionString: Sendable, CustomStringConvertible, CustomReflectable {
    /// What an error says about a text that is none. The text itself is never quoted.
    package static let expectation =
        "mongodb:// or mongodb+srv://, then user:password@ if there is one, the servers as host:port, and options behind /?; "
        + "in a user and a password : / ? # [ ] @ % are written as %3A, %2F and so on"

    /// The whole text, with its password.
    package let secret: String
    /// The servers that it names, as `host:port`; for `mongodb+srv` the name that is looked up.
    package let hosts: [String]
    /// The replica set that it names.
    package let replicaSet: String?
    /// Nil when it names none.
    package let user: String?

    /// Nil for a text that libmongoc cannot read.
    package init?(_ text: String) {
        guard !text.utf8.contains(0), let uri = unsafe Driver.silently({ unsafe mongoc_uri_new(text) }) else { return nil }
        defer { unsafe mongoc_uri_destroy(uri) }
        let hosts = unsafe Self.hosts(of: uri)
        // libmongoc takes a password's end behind an unescaped @ for a host.
        guard hosts.allSatisfy({ !$0.contains("@") }) else { return nil }
        (secret, self.hosts) = (text, hosts)
        unsafe replicaSet = mongoc_uri_get_replica_set(uri).map { unsafe String(cString: $0) }
        unsafe user = mongoc_uri_get_username(uri).map { unsafe String(cString: $0) }
    }

    package var description: String { hosts.joined(separator: ",") }
    package var customMirror: Mirror { Mirror(self, children: ["hosts": hosts]) }

    @unsafe private static func hosts(of uri: OpaquePointer) -> [String] {
        if let name = unsafe mongoc_uri_get_srv_hostname(uri) { return [unsafe String(cString: name)] }
        var hosts: [String] = []
        var entry = unsafe mongoc_uri_get_hosts(uri)
        while let host = unsafe entry {
            // A NUL-terminated text inside its fixed array.
            unsafe withUnsafeBytes(of: host.pointee.host_and_port) { bytes in
                unsafe hosts.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
            }
            unsafe entry = unsafe host.pointee.next.map { unsafe UnsafePointer($0) }
        }
        return hosts
    }
}

extension ConnectionString {
    /// A connection string for one of the servers alone, whatever state it is in; nil for `mongodb+srv`, which names none.
    package func direct(to host: String) -> ConnectionString? {
        let scheme = "mongodb://"
        guard secret.hasPrefix(scheme) else { return nil }
        let rest = secret.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let login = authority.lastIndex(of: "@").map { authority[...$0] } ?? ""
        let path = rest[authority.endIndex...].prefix { $0 != "?" }
        let options = rest[path.endIndex...].dropFirst().split(separator: "&").filter { option in
            !["replicaset=", "directconnection=", "loadbalanced="].contains { option.lowercased().hasPrefix($0) }
        }
        let query = (options.map(String.init) + ["directConnection=true"]).joined(separator: "&")
        return ConnectionString("mongodb://\(login)\(host)\(path.isEmpty ? "/" : path)?\(query)")
    }
}
