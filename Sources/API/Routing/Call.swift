package import HTTP
package import JSON
package import Metering
package import Service

/// A request that passed every check of its route.
package struct Call: Sendable {
    package let requestID: String
    package let request: Request
    /// Nil on an open route.
    package let credential: Credential?
    /// The values of the path and the query, checked and with their defaults.
    package let parameters: JSON.Object
    /// The body, checked; null on a route without one.
    package let body: JSON
    /// The media type to answer in: the one liked best of those that the route answers.
    package let mediaType: String

    /// Whose data it is about. Throws on a route that is not a shop's.
    package var tenant: Tenant {
        get throws {
            switch credential {
            case .shop(let tenant, _, _), .endUser(let tenant, _): return tenant
            case .admin, nil: throw WrongRead(what: "the tenant of a route that is not a shop's")
            }
        }
    }

    /// Who makes a change, for histories.
    package var actor: Actor {
        if case .shop(_, _, let key) = credential { .key(key) } else { .system }
    }

    /// The body's fields.
    package var fields: JSON.Object { body.object ?? [:] }

    /// The key under which a request without an id of its own is done once; nil when none is given.
    package var idempotencyKey: String? {
        get throws(Problem) {
            let keys = request.headers.values(of: "idempotency-key")
            guard let key = keys.first else { return nil }
            guard keys.count == 1 else { throw .invalid("Idempotency-Key", "is given more than once") }
            guard TextFormat.identifier.accepts(key) else {
                throw .invalid("Idempotency-Key", "expected \(TextFormat.identifier.expectation)")
            }
            return key
        }
    }
}

/// A handler read what its route does not declare: a mistake of ours, and a bare 500 to the client.
struct WrongRead: Error {
    let what: String
}
