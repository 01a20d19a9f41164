package import BSON
internal import CMongoc

extension Connection {
    /// Runs any command as it stands, on this database unless another is named, and gives the server's reply. Not retried.
    package final func command(_ command: Document, on database: String? = nil) throws(MongoError) -> Document {
        try reply(to: command, on: database)
    }

    /// Makes the indexes that are missing. Each is a document as the server's manual has it: `key`, `name`, `unique`, …
    /// Throws when the collection has another index of that name. A build on a filled collection may take minutes; it waits for a majority of the
    /// members, not for all, so that one that is down does not hold it up.
    package final func createIndexes(_ collection: String, _ indexes: [Document]) throws(MongoError) {
        guard !indexes.isEmpty else { return }
        let command: Document = [
            "createIndexes": .string(collection), "indexes": .array(indexes.map(Value.document)), "commitQuorum": "majority",
        ]
        _ = try writeCommand(command)
    }

    /// Makes the collection, or gives an existing one this validator (`collMod`, which waits for open transactions).
    package final func ensureCollection(_ collection: String, validator: Document? = nil) throws(MongoError) {
        let rules: Document = validator.map { ["validator": .document($0)] } ?? [:]
        do {
            _ = try writeCommand(["create": .string(collection)] + rules)
        } catch  where error.code == ServerCode.namespaceExists {
            guard let validator, try self.validator(of: collection) != validator else { return }
            _ = try writeCommand(["collMod": .string(collection)] + rules)
        }
    }

    private func validator(of collection: String) throws(MongoError) -> Document? {
        let reply = try reply(to: ["listCollections": 1, "filter": ["name": .string(collection)]])
        let found = reply["cursor"]?.asDocument?["firstBatch"]?.asArray?.first?.asDocument
        return found?["options"]?.asDocument?["validator"]?.asDocument
    }

    /// Removes the collection, if it exists.
    package final func dropCollection(_ collection: String) throws(MongoError) {
        do {
            _ = try writeCommand(["drop": .string(collection)])
        } catch  where error.code == ServerCode.namespaceNotFound {
            return
        }
    }

    /// Removes the whole database.
    package final func dropDatabase() throws(MongoError) {
        _ = try writeCommand(["dropDatabase": .int32(1)])
    }

    /// A command that writes, with the client's write concern.
    private func writeCommand(_ command: Document) throws(MongoError) -> Document {
        let client = unsafe try usableClient()
        let command = try encoded(command)
        let options = try options()
        return try unsafe call {
            unsafe mongoc_client_write_command_with_opts(client, database, command.pointer, options.pointer, $0, $1)
        }
    }
}

extension Reader {
    /// Whether the database has a collection of this name.
    package final func hasCollection(_ name: String) throws(MongoError) -> Bool {
        let reply = try reply(to: ["listCollections": 1, "filter": ["name": .string(name)], "nameOnly": true])
        return reply["cursor"]?.asDocument?["firstBatch"]?.asArray?.isEmpty == false
    }
}

private func + (left: Document, right: Document) -> Document {
    var sum = left
    for (key, value) in right { sum.append(key, value) }
    return sum
}
