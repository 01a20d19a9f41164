/// The options that commands share, as the help page shows them.
extension Option {
    static let database: [Option] = [
        Option(name: "mongodb-uri", placeholder: "URI", help: "MongoDB's connection string; without it, an embedded mongod"),
        Option(name: "database", placeholder: "NAME", help: "the database's name (shopmeter)"),
        Option(name: "data-dir", placeholder: "DIR", help: "where the embedded mongod and the tokens are kept (./data)"),
        Option(name: "mongod", placeholder: "FILE", help: "the program for the embedded mongod (mongod on the PATH)"),
        Option(name: "admin-token", placeholder: "TOKEN", help: "", isSecret: true),
    ]

    static let serving: [Option] = [
        Option(name: "host", placeholder: "HOST", help: "the address to listen on (127.0.0.1)"),
        Option(name: "port", placeholder: "PORT", help: "the port to listen on, 0 for any free one (8080)"),
        Option(name: "tick-seconds", placeholder: "N", help: "how often jobs look for work, 1 to 3600 (10)"),
        Option(name: "enforcement", placeholder: "on|off", help: "off lifts every limit, and still records (on)"),
        Option(name: "invoice-due-days", placeholder: "N", help: "from an invoice's issue to its due day, 0 to 365 (14)"),
        Option(name: "log-level", placeholder: "LEVEL", help: "debug, info, warning or error (info)"),
    ]

    static let shop = Option(name: "shop", placeholder: "SHOP", help: "the shop's id", isRequired: true)
}
