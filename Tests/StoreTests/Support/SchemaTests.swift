import BSON
import Metering
import Mongo
import Support
import Testing

@testable import Store

@Suite struct SchemaTests {
    @Test func `Preparing twice is preparing once, and every index is there`() async throws {
        try await withStore { store in
            try store.prepare()
            for schema in Schema.collections {
                let indexes = try store.database.withConnection {
                    try $0.command(["listIndexes": .string(schema.name)]).document("cursor").array("firstBatch")
                }
                let names = indexes.compactMap { $0.asDocument?["name"]?.asString }
                #expect(Set(names) == Set(["_id_"] + schema.indexes.map(\.name)))
            }
        }
    }

    @Test func `The database refuses a document without a shop, and a quantity that is not a long`() async throws {
        try await withStore { store in
            let key: Document = [
                "_id": "k", "name": "n", "hash": .binary([1]), "scopes": [], "last_four": "abcd", "created_at": .time(start),
            ]
            #expect(throws: MongoError.self) { try store.database.withConnection { try $0.insert("api_keys", [key]) } }
            let plan: Document = [
                "_id": ["shop_id": "s", "plan_name": "p"], "plan_name": "p", "plan_display_name": "p", "monthly_fee": "9",
            ]
            #expect(throws: MongoError.self) { try store.database.withConnection { try $0.insert("plans", [plan]) } }
        }
    }

    @Test(arguments: ["29.00", "0.0000000001", "-1.5", "999999999999999.9999999999", "0", "1000000", "0.00000015"])
    func `Money is stored as a decimal and comes back exact`(text: String) throws {
        let money = try #require(Money(text))
        let document: Document = ["amount": try .money(money)]
        let bytes = try document.bytes()
        #expect(try Document(bytes: bytes).money("amount") == money)
    }

    @Test(arguments: ["NaN", "Infinity", "1E40", "1E-20", "0.00000000001"])
    func `A decimal that is no amount of money is refused`(text: String) throws {
        let decimal = try #require(Decimal128(text))
        #expect(throws: StoreError.self) { try Money(decimal) }
    }
}
