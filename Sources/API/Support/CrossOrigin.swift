import HTTP
import Service
import Web

/// Calls from pages of shops (the Fetch standard's CORS). A page of an origin that the shop allows may read what the shop's credentials may read.
enum CrossOrigin {
    /// Asks for nothing that a credential would have to be for, so that the answer is the same for every origin: what a page may read is said by the
    /// answer to the request itself, which has the credential.
    static func preflight(_ request: Request) -> Response? {
        guard request.method == .options, let origin = request.headers["origin"], request.headers["access-control-request-method"] != nil
        else {
            return nil
        }
        return Response(
            status: 204,
            headers: Headers([
                "access-control-allow-origin": origin, "access-control-allow-methods": "GET", "access-control-max-age": "600",
                "access-control-allow-headers": "authorization, accept, content-type", "vary": "origin",
            ]))
    }
}

extension Route {
    /// The route, whose answers may be read by pages of the origins that the caller's shop allows.
    func shared(by service: ShopMeter) -> Route {
        guard method == .get else { return self }
        return handled { call, handle in
            let isAllowed = try await Self.isAllowed(call, by: service)
            var response = try await handle(call)
            guard let isAllowed, let origin = call.request.headers["origin"] else { return response }
            response.headers.add("vary", "origin")
            if isAllowed {
                response.headers.add("access-control-allow-origin", origin)
                response.headers.add("access-control-expose-headers", "x-request-id, x-billing-alert, retry-after")
            }
            return response
        }
    }

    /// Nil where no page calls.
    private static func isAllowed(_ call: Call, by service: ShopMeter) async throws -> Bool? {
        guard let origin = call.request.headers["origin"], let tenant = call.credential?.shop else { return nil }
        return try await service.allows(origin, of: tenant)
    }
}
