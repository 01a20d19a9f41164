internal import Crypto

/// The platform's admin token.
enum AdminToken {
    /// The configured one, else the one of the data directory, which the first start makes: 32 random bytes.
    static func find(_ configuration: Configuration, in directory: DataDirectory) throws -> String {
        if let token = configuration.adminToken { return token }
        if let token = try directory.adminToken.read(), !token.isEmpty { return token }
        let token = try Hex.text(randomBytes(32))
        try directory.adminToken.write(token)
        return token
    }
}
