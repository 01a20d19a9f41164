import Metering
import ServiceSupport
import Store
import Testing

@testable import Service

@Suite struct RequestPlacesTests {
    @Test func `A shop has its places, whatever another one has taken`() async throws {
        try await withTestService { test in
            let other = try await test.service.createShop(
                id: ShopID(stored: "other"), name: "Other", currency: Currency(stored: "EUR"), clock: .live
            ).shop.tenant
            let service = ShopMeter(store: test.store, settings: Settings(adminToken: ""), placesPerShop: 1)
            defer { service.drain() }
            let served = try await service.serving(test.tenant) {
                let second = await #expect(throws: ServiceError.self) { try await service.serving(test.tenant) {} }
                guard case .overloaded = second, case .shop(test.tenant) = Share.current else { return false }
                return try await service.serving(other) { true }
            }
            #expect(served)
            try await service.serving(test.tenant) {}
        }
    }
}
