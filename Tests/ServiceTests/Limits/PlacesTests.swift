import Metering
import ServiceSupport
import Store
import Support
import Testing

@testable import Service

@Suite struct PlacesTests {
    @Test func `A shop's reads beyond its places wait in order, and another shop's do not`() async throws {
        try await withTestService { test in
            let other = try await test.service.createShop(
                id: ShopID(stored: "other"), name: "o", currency: Currency(stored: "EUR"), clock: .live
            ).shop.tenant
            let (places, alarms) = (Places(), Alarms())
            var taken: [Place] = []
            for _ in 0..<Places.perShop { taken.append(try #require(await places.enter(test.tenant, alarms: alarms))) }
            let next = Task { await places.enter(test.tenant, alarms: alarms) != nil }
            #expect(await places.enter(other, alarms: alarms) != nil, "another shop has places of its own")
            taken.removeLast().leave()
            #expect(await next.value, "who waited has the place")
            taken.removeAll()
            for _ in 0..<(3 * Places.perShop) { #expect(await places.enter(test.tenant, alarms: alarms) != nil, "dropped places are free") }
        }
    }

    @Test func `Who waits too long, or behind too many, has no place`() async throws {
        try await withTestService { test in
            let (places, alarms, tenant) = (Places(), Alarms(), test.tenant)
            var taken: [Place] = []
            for _ in 0..<Places.perShop { taken.append(try #require(await places.enter(tenant, alarms: alarms))) }
            let waiting = (0..<Places.waiting).map { _ in Task { await places.enter(tenant, alarms: alarms) != nil } }
            // Nothing announces that a caller waits.
            _ = try await poll { places.waitingCount(of: tenant) == Places.waiting ? true : nil }
            #expect(await places.enter(tenant, alarms: alarms) == nil, "there are too many")
            alarms.ring(at: .now + Places.patience + .seconds(1))
            for task in waiting { #expect(await task.value == false) }
            #expect(places.waitingCount(of: tenant) == 0)
            taken.removeAll()
            #expect(await places.enter(tenant, alarms: alarms) != nil)
        }
    }
}
