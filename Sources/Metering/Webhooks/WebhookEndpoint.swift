package struct WebhookEndpointID: Identifier {
    package let rawValue: String
    package init(stored: String) { rawValue = stored }
}

/// Where a shop is told of what happens, and of what.
package struct WebhookEndpoint: Equatable, Sendable {
    package enum Status: String, CaseIterable, Sendable { case enabled, disabled }

    package let id: WebhookEndpointID
    package var url: WebhookURL
    package var types: Set<WebhookType>
    package var description: String?
    package private(set) var status: Status
    /// Why the service disabled it; nil where nobody or the shop did.
    package private(set) var disabledReason: String?
    /// Since when no delivery succeeded; nil while the last one did.
    package private(set) var failingSince: Timestamp?
    package let createdAt: Timestamp

    /// The most endpoints of a shop.
    package static let maximum = 16
    /// For how long deliveries fail before the endpoint is disabled.
    package static let patience = WebhookRetries.patience

    package init(
        id: WebhookEndpointID, url: WebhookURL, types: Set<WebhookType>, description: String? = nil, status: Status = .enabled,
        disabledReason: String? = nil, failingSince: Timestamp? = nil, createdAt: Timestamp
    ) {
        (self.id, self.url, self.types, self.description, self.status) = (id, url, types, description, status)
        (self.disabledReason, self.failingSince, self.createdAt) = (disabledReason, failingSince, createdAt)
    }

    package mutating func set(_ status: Status) {
        self.status = status
        (disabledReason, failingSince) = (nil, nil)
    }

    package mutating func noteSuccess() { failingSince = nil }

    /// Notes that a delivery failed. An endpoint that is gone, or that has failed for days, is disabled.
    package mutating func noteFailure(at now: Timestamp, isGone: Bool) {
        let since = failingSince ?? now
        failingSince = since
        guard isGone || now.since(since) >= Self.patience else { return }
        status = .disabled
        disabledReason = isGone ? "it answered 410 (gone)" : "no delivery succeeded since \(since.rfc3339)"
    }
}

/// An endpoint's address: `https`, or where the operator allows private networks, `http` too; without a user, a password or a fragment.
package struct WebhookURL: Equatable, Sendable {
    package let text: String
    package let isSecure: Bool
    /// Lower case; of an IPv6 address without its brackets.
    package let host: String
    package let port: UInt16
    /// The path and the query, as they are sent: it begins with `/`.
    package let target: String

    /// In bytes.
    package static let maximumLength = 2_048

    /// Nil for what is no such address. Text that a URL does not have (spaces, controls, bytes above 0x7E) is not repaired.
    package init?(_ text: String, allowingPlain: Bool) {
        guard text.utf8.count <= Self.maximumLength, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.utf8.contains(0x5C),
            !text.utf8.contains(UInt8(ascii: "#"))
        else { return nil }
        let rest: Substring
        if text.hasPrefix("https://") {
            (isSecure, rest) = (true, text.dropFirst(8))
        } else if allowingPlain, text.hasPrefix("http://") {
            (isSecure, rest) = (false, text.dropFirst(7))
        } else {
            return nil
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<end]) else { return nil }
        (self.text, self.host, self.port) = (text, host, port ?? (isSecure ? 443 : 80))
        let target = String(rest[end...])
        self.target = target.hasPrefix("/") ? target : "/" + target
    }

    /// Takes a text that was checked when it was first stored.
    package init?(stored text: String) { self.init(text, allowingPlain: true) }

    private static func authority(_ text: Substring) -> (host: String, port: UInt16?)? {
        var (host, rest) = (text, Substring())
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            (host, rest) = (text[text.index(after: text.startIndex)..<close], text[text.index(after: close)...])
            guard !host.isEmpty, host.utf8.allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
                return nil
            }
        } else {
            if let colon = text.firstIndex(of: ":") { (host, rest) = (text[..<colon], text[colon...]) }
            guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(isHostByte), host.split(separator: ".").count > 0,
                !host.hasPrefix("."), !host.hasPrefix("-"), !host.contains("..")
            else { return nil }
        }
        if rest.isEmpty { return (host.lowercased(), nil) }
        guard rest.hasPrefix(":"), (2...6).contains(rest.utf8.count), rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(rest.dropFirst()), port > 0
        else { return nil }
        return (host.lowercased(), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        IdentifierForm.isNameByte(byte) && byte != UInt8(ascii: ":") && byte != UInt8(ascii: "@")
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// As the header `host` has it.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}
