import HTTP
package import JSON

/// The OpenAPI 3.1 document of a set of routes.
package enum OpenAPI {
    package struct Information: Sendable {
        let title: String
        let version: String
        let description: String
        /// The tags in the order in which they are shown, with a sentence each.
        let tags: [(name: String, description: String)]

        package init(title: String, version: String, description: String, tags: [(name: String, description: String)]) {
            self.title = title
            self.version = version
            self.description = description
            self.tags = tags
        }
    }

    /// Throws when one name stands for two schemas.
    package static func document(of routes: [Route], _ information: Information) throws(NameConflict) -> JSON {
        [
            "openapi": "3.1.0",
            "info": [
                "title": .string(information.title), "version": .string(information.version),
                "description": .string(information.description),
            ],
            "servers": [["url": "/"]],
            "tags": .array(information.tags.map { ["name": .string($0.name), "description": .string($0.description)] }),
            "paths": .object(paths(of: routes)),
            "components": [
                "schemas": .object(try schemas(of: routes)), "responses": .object(responses(of: routes)), "parameters": parameters,
                "securitySchemes": securitySchemes,
            ],
        ]
    }

    /// `GET /openapi.json`, with the document of `routes` and of itself.
    package static func route(for routes: [Route], _ information: Information) throws(NameConflict) -> Route {
        let itself = declaration { _ in .empty }
        let document = try document(of: routes + [itself], information).encoded
        return declaration { _ in Response(status: 200, headers: Headers(["content-type": MediaType.json]), body: document) }
    }

    private static func declaration(_ handle: @escaping @Sendable (Call) async throws -> Response) -> Route {
        Route(
            .get, "/openapi.json", "This document", tag: "operating", access: .open,
            answers: [.json(200, "The OpenAPI document", .map(values: .any))], handle: handle)
    }

    private static func paths(of routes: [Route]) -> JSON.Object {
        var paths: JSON.Object = [:]
        for route in routes {
            var item = paths[route.pattern]?.object ?? [:]
            item[route.method.name.lowercased()] = route.operation
            paths[route.pattern] = .object(item)
        }
        return paths
    }

    private static func responses(of routes: [Route]) -> JSON.Object {
        var responses: JSON.Object = [:]
        for group in routes.flatMap(\.problemGroups) { responses[group.name] = group.document }
        return responses
    }
}

/// Two schemas of the same name that are not the same.
package struct NameConflict: Error, Equatable {
    package let name: String
}
