extension Command {
    static let version = Command(path: ["version"], summary: "Prints the version.", examples: ["shopmeter version"]) { _ in
        Console.print("shopmeter \(Version.current)")
        return 0
    }
}

enum Version {
    static let current = "0.1.0"
}
