import HTTP
import Metering
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

extension CrossOrigin {
    /// Lets a page of the origin read the answer, if it is allowed to.
    fileprivate static func mark(_ headers: inout Headers, for origin: String, isAllowed: Bool) {
        headers.add("vary", "origin")
        guard isAllowed else { return }
        headers.add("access-control-allow-origin", origin)
        headers.add("access-control-expose-headers", "x-request-id, x-billing-alert, retry-after, ratelimit, ratelimit-policy")
    }

    /// The page and the shop that a refusal may be shown to, as far as the request says: the shop that the end user's token names, which need not be
    /// valid, as pages are to be told of one that has expired. Nil where it was shown already or no page asks, and while the database is away.
    static func audience(of response: Response, to request: Request) -> (origin: String, shop: ShopID)? {
        guard response.status >= 400, response.status != 503, request.method == .get, let origin = request.headers["origin"],
            !response.headers.has("access-control-allow-origin"),
            let token = request.headers.only("authorization")?.split(separator: " ").last.flatMap({ EndUserToken(String($0)) })
        else { return nil }
        return (origin, token.issuer)
    }

    /// The response, which a page of the origin may read if the shop allows it.
    static func shared(_ response: Response, with audience: (origin: String, shop: ShopID), by service: ShopMeter) async -> Response {
        var response = response
        let isAllowed = (try? await service.allows(audience.origin, ofShop: audience.shop)) ?? false
        mark(&response.headers, for: audience.origin, isAllowed: isAllowed)
        return response
    }
}

extension Route {
    /// The route, whose answers may be read by pages of the origins that the caller's shop allows.
    func shared(by service: ShopMeter) -> Route {
        guard method == .get else { return self }
        return handled { call, handle in
            guard let origin = call.request.headers["origin"], let tenant = call.credential?.shop else { return try await handle(call) }
            let isAllowed = try await service.allows(origin, of: tenant)
            do {
                var response = try await handle(call)
                CrossOrigin.mark(&response.headers, for: origin, isAllowed: isAllowed)
                return response
            } catch {
                var problem = Problem(error)
                // What nobody foresaw is reported where it is answered.
                guard isAllowed, problem.code != .internal else { throw error }
                CrossOrigin.mark(&problem.headers, for: origin, isAllowed: true)
                throw problem
            }
        }
    }
}
