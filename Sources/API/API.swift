package import HTTP
package import Jobs
package import Service
package struct API: Sendable {
    package init(service: ShopMeter, jobs: JobRunner, report: @escaping @Sendable (any Error, String) -> Void) {}
    package func refuse(_ refusal: Refusal, _ headers: Headers) -> Response { Response(status: refusal.status) }
    package func respond(to request: Request) async -> Response { Response(status: 501) }
}
