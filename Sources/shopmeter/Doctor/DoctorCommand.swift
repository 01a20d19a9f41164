internal import Mongo
internal import MongoServer

extension Command {
    static let doctor = Command(
        path: ["doctor"], summary: "Checks the settings, the machine and the database, and says what to do.",
        options: Option.serving + Option.database,
        details: """
            Give it the options and the environment of `serve`. It changes nothing, and starts nothing.
            A line begins with ok, note (the service runs all the same) or WRONG. The exit code is 1 when something is wrong.
            """,
        examples: ["shopmeter doctor", "SHOPMETER_MONGODB_URI='mongodb://db.example/?replicaSet=rs0' shopmeter doctor"]
    ) { invocation in
        let findings = Doctor(invocation: invocation).findings()
        for finding in findings { Console.print(finding.text) }
        let count = findings.count { $0.grade == .wrong }
        Console.print(count == 0 ? "Nothing is wrong." : count == 1 ? "One thing is wrong." : "\(count) things are wrong.")
        return count == 0 ? 0 : 1
    }
}

/// Everything that `serve` needs, looked at one after another.
struct Doctor {
    let invocation: Invocation

    func findings() -> [Finding] {
        let machine = MachineCheck(invocation: invocation)
        let settings = machine.settings()
        guard let configuration = try? Configuration(invocation),
            let directory = try? DataDirectory(configuration.dataDirectory, creates: false)
        else { return settings }
        let isServing = EmbeddedServer.isOwned(directory.mongodb)
        return settings + machine.dataDirectory(directory, isServing: isServing) + [machine.port(configuration, isServing: isServing)]
            + database(configuration, directory, machine, isServing)
    }

    private func database(
        _ configuration: Configuration, _ directory: DataDirectory, _ machine: MachineCheck, _ isServing: Bool
    ) -> [Finding] {
        if let uri = configuration.mongodbURI { return DatabaseCheck(uri: uri, database: configuration.database).findings() }
        let mongod = machine.mongod(configuration, isServing: isServing)
        guard isServing else { return [mongod] }
        guard let text = try? directory.mongodbURI.read(), let uri = ConnectionString(text) else {
            return [mongod, .note("The service of this data directory is starting.", "Ask again when it listens.")]
        }
        return [mongod] + DatabaseCheck(uri: uri, database: configuration.database).findings()
    }
}
