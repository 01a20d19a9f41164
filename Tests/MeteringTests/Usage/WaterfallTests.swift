import Testing

@testable import Metering

@Suite struct WaterfallTests {
    struct Case: Sendable {
        let limit: Quantity?
        let used, rollover, purchased, amount: Quantity
        let parts: [Quantity]
        let remaining: Quantity?
    }

    @Test(arguments: [
        Case(limit: 1_000, used: 0, rollover: 0, purchased: 0, amount: 300, parts: [300, 0, 0, 0], remaining: 700),
        Case(limit: 1_000, used: 900, rollover: 200, purchased: 300, amount: 500, parts: [100, 200, 200, 0], remaining: 100),
        Case(limit: 1_000, used: 900, rollover: 200, purchased: 300, amount: 700, parts: [100, 200, 300, 100], remaining: 0),
        Case(limit: 1_000, used: 1_000, rollover: -50, purchased: 80, amount: 100, parts: [0, 0, 80, 20], remaining: 0),
        Case(limit: 500, used: 800, rollover: 0, purchased: 10, amount: 5, parts: [0, 0, 5, 0], remaining: 5),
        Case(limit: 0, used: 0, rollover: 0, purchased: 0, amount: 7, parts: [0, 0, 0, 7], remaining: 0),
        Case(limit: nil, used: 5, rollover: 100, purchased: 100, amount: 1_000, parts: [1_000, 0, 0, 0], remaining: nil),
        Case(limit: 10, used: 3, rollover: 4, purchased: 2, amount: 0, parts: [0, 0, 0, 0], remaining: 13),
    ])
    func `An amount is taken from the allowance, then the rollover, then what was purchased; the rest is debt`(_ row: Case) {
        var balance = MeterBalance(
            meter: .tokens, limit: Limit(row.limit), used: row.used, rollover: row.rollover, purchased: row.purchased)
        let breakdown = balance.take(row.amount)
        #expect(
            [breakdown.fromSubscription, breakdown.fromRollover, breakdown.fromPurchased, breakdown.overflowToDebt] == row.parts)
        #expect(balance.used == row.used + row.parts[0])
        #expect(balance.rollover == row.rollover - row.parts[1] - row.parts[3])
        #expect(balance.purchased == row.purchased - row.parts[2])
        #expect(balance.remaining == row.remaining)
    }

    @Test(
        arguments: [
            (300, 1_000, 0, 200, 200), (300, 1_000, 500, 2_000, 1_200), (1_000, 1_000, -40, 500, -40), (900, 1_000, -40, 500, 60),
            (900, 1_000, -140, 500, -40), (0, 1_000, 70, nil, 0), (0, 1_000, -70, nil, 0), (950, 1_000, -70, nil, -20),
        ] as [(Quantity, Quantity, Quantity, Quantity?, Quantity)])
    func `At a period's end what is left is carried over up to the cap, and debt is paid first`(
        used: Quantity, limit: Quantity, rollover: Quantity, cap: Quantity?, carried: Quantity
    ) {
        var balance = MeterBalance(
            meter: .tokens, limit: .of(limit), rolloverCap: cap, used: used, rollover: rollover, purchased: 9, reserved: 3, alerted: 90)
        balance.carryOver()
        #expect(balance.rollover == carried)
        #expect((balance.used, balance.purchased, balance.reserved, balance.alerted) == (0, 9, 3, 0))
    }
}
