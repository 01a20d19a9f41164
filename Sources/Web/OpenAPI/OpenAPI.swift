import HTTP
package import JSON

/// The OpenAPI 3.1 document of an interface.
package enum OpenAPI {
    /// What an interface says of itself beside its routes.
    package struct Information: Sendable {
        let title: String
        let version: String
        let description: String
        /// The tags in the order in which they are shown, with a sentence each.
        let tags: [(name: String, description: String)]
        /// Security Scheme Objects by name (OpenAPI 3.1, 4.8.27).
        let securitySchemes: JSON
        /// The body of every problem, under the name `Problem`.
        let problem: Schema
        /// The format of the interface's ids.
        let identifier: TextFormat
        /// What is sent to others, and the headers that each of it has.
        let messages: [Message]
        let messageHeaders: [(name: String, description: String)]
        /// What examples have under a field's name: the first value that fits the field.
        let samples: [String: [JSON]]

        package init(
            title: String, version: String, description: String, tags: [(name: String, description: String)], securitySchemes: JSON,
            problem: Schema, identifier: TextFormat, messages: [Message] = [], messageHeaders: [(name: String, description: String)] = [],
            samples: [String: [JSON]] = [:]
        ) {
            self.samples = samples
            self.messages = messages
            self.messageHeaders = messageHeaders
            self.title = title
            self.version = version
            self.description = description
            self.tags = tags
            self.securitySchemes = securitySchemes
            self.problem = problem
            self.identifier = identifier
        }
    }

    /// A message that is sent to whoever asked for it.
    package struct Message: Sendable {
        let name: String
        let description: String
        let tag: String
        let schema: Schema

        package init(name: String, description: String, tag: String, schema: Schema) {
            (self.name, self.description, self.tag) = (name, description, tag)
            self.schema = schema.named(within: Schema.noun(name) + "Message")
        }
    }

    /// Throws when one name stands for two schemas.
    package static func document<Access>(of routes: [Route<Access>], _ information: Information) throws(NameConflict) -> JSON {
        let (routes, samples) = (routes.map(\.named), Samples(words: information.samples))
        return [
            "openapi": "3.1.0",
            "info": [
                "title": .string(information.title), "version": .string(information.version),
                "description": .string(information.description),
            ],
            "servers": [["url": "/", "description": "The service that this document is of."]],
            "tags": .array(information.tags.map { ["name": .string($0.name), "description": .string($0.description)] }),
            "paths": .object(paths(of: routes, samples)), "webhooks": .object(webhooks(information, samples)),
            "components": [
                "schemas": .object(try schemas(of: routes, information)), "responses": .object(responses(of: routes)),
                "parameters": ["IdempotencyKey": Idempotency.keyParameter()],
                "securitySchemes": information.securitySchemes,
            ],
        ]
    }

    /// `GET /openapi.json`, which answers with the document of `routes` and of itself.
    package static func route<Access>(
        for routes: [Route<Access>], _ information: Information, tag: String, access: Access
    ) throws(NameConflict) -> Route<Access> {
        func route(_ handle: @escaping @Sendable (Call<Access>) async throws -> Response) -> Route<Access> {
            Route(
                .get, "/openapi.json", id: "getOpenAPI", "This document", tag: tag, access: access,
                answers: [.json(200, "The OpenAPI document", .map(values: .any, keys: information.identifier))], handle: handle)
        }
        let document = try document(of: routes + [route { _ in .empty }], information).encoded
        return route { _ in Response(status: 200, headers: Headers(["content-type": MediaType.json]), body: document) }
    }

    private static func paths<Access>(of routes: [Route<Access>], _ samples: Samples) -> JSON.Object {
        var paths: JSON.Object = [:]
        for route in routes {
            var item = paths[route.pattern]?.object ?? [:]
            item[route.method.name.lowercased()] = route.operation(samples)
            paths[route.pattern] = .object(item)
        }
        return paths
    }

    /// A Path Item Object for each message (OpenAPI 3.1, 4.8.1.1).
    private static func webhooks(_ information: Information, _ samples: Samples) -> JSON.Object {
        var webhooks: JSON.Object = [:]
        let headers = information.messageHeaders.map { header -> JSON in
            [
                "name": .string(header.name), "in": "header", "required": true, "description": .string(header.description),
                "schema": ["type": "string"],
            ]
        }
        for message in information.messages {
            webhooks[message.name] = [
                "post": [
                    "operationId": .string("receive" + (message.schema.name ?? "")), "tags": [.string(message.tag)],
                    "summary": .string(message.description),
                    "parameters": .array(headers),
                    "requestBody": ["required": true, "content": .object([MediaType.json: samples.content(message.schema)])],
                    "responses": ["2XX": ["description": "It is taken; any other answer, and it is sent again."]], "security": [],
                ]
            ]
        }
        return webhooks
    }

    /// Every schema that has a name, in the order of the names.
    private static func schemas<Access>(of routes: [Route<Access>], _ information: Information) throws(NameConflict) -> JSON.Object {
        var named: [(name: String, definition: JSON)] = []
        for route in routes {
            for schema in route.body.schemas { schema.collectNamed(into: &named) }
            for parameter in route.parameters { parameter.schema.collectNamed(into: &named) }
            for answer in route.answers { for content in answer.content { content.schema.collectNamed(into: &named) } }
        }
        information.problem.named(within: "Problem").collectNamed(into: &named)
        for message in information.messages { message.schema.collectNamed(into: &named) }
        var schemas: JSON.Object = [:]
        for (name, definition) in named.sorted(by: { $0.name < $1.name }) {
            if let other = schemas[name], other != definition { throw NameConflict(name: name) }
            schemas[name] = definition
        }
        return schemas
    }

    private static func responses<Access>(of routes: [Route<Access>]) -> JSON.Object {
        var responses: JSON.Object = [:]
        for group in routes.flatMap(\.problemGroups) { responses[group.name] = group.document }
        return responses
    }
}

/// Two different schemas have this name.
package struct NameConflict: Error, Equatable {
    package let name: String
}
