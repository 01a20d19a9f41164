import Testing

@testable import Metering

struct WalletTests {
    private let now = CivilDay(year: 2026, month: 11, day: 20)?.start ?? Timestamp(milliseconds: 0)

    private func wallet(_ balance: String, for owner: WalletOwner? = nil) throws -> Wallet {
        Wallet.opened(for: owner ?? .user(user), credit: try #require(Money(balance)), currency: euro, at: now).0
    }

    private func charge(_ cost: String) throws -> Charge {
        let price = ModelPrice(
            model: ModelName(stored: "m"), inputPerMillion: Money(units: 1), outputPerMillion: .zero, currency: euro, effectiveFrom: now)
        let content = ChargeContent(user: user, project: nil, model: price.model, inputTokens: 1, outputTokens: 0)
        return Charge(
            id: ChargeID(stored: "c"), content: content, prices: try price.prices(of: content.use), cost: try #require(Money(cost)))
    }

    /// The balance, what is left of the quota (nil: not pro), the cost; then the part from the quota and the balance after (nil: refused).
    @Test(
        arguments: [
            ("10", nil, "10", "0", "0"), ("10", nil, "10.0000000001", nil, nil), ("0", nil, "0.0000000001", nil, nil),
            ("0", nil, "0", "0", "0"), ("10", "1", "0.4", "0.4", "10"), ("10", "1", "1", "1", "10"), ("10", "1", "1.5", "1", "9.5"),
            ("10", "1", "11", "1", "0"), ("10", "1", "11.0000000001", nil, nil), ("0", "1", "1", "1", "0"), ("10", "0", "3", "0", "7"),
        ] as [(String, String?, String, String?, String?)])
    func `The quota pays while it lasts, then the balance, and nothing goes below zero`(
        balance: String, quota: String?, cost: String, fromQuota: String?, after: String?
    ) throws {
        var wallet = try wallet(balance)
        if let quota { wallet.setQuota(isPro: true, monthly: try #require(Money(quota)), at: now) }
        let before = wallet
        let entry = wallet.charge(try charge(cost), at: now)
        guard let fromQuota, let after else {
            #expect(entry == nil && wallet == before)
            return
        }
        let expected = try #require(Money(after))
        #expect(wallet.balance == expected && entry?.balance == expected && entry?.number == 2)
        guard case .charge(let charge, let quotaPart) = try #require(entry).kind else { return #expect(Bool(false)) }
        #expect(quotaPart == Money(fromQuota) && entry?.amount == quotaPart - charge.cost)
        #expect(wallet.quota?.used ?? .zero == quotaPart)
        #expect(entry?.source == (quotaPart > .zero && quotaPart == charge.cost ? .quota : .user))
    }

    @Test func `A quota starts anew each month, and the month that ended is kept`() throws {
        var wallet = try wallet("10")
        wallet.setQuota(isPro: true, monthly: Money(units: 5), at: now)
        #expect(wallet.charge(try charge("0.0000000004"), at: now) != nil)
        let december = try #require(CivilDay(year: 2026, month: 12, day: 1)).start
        #expect(wallet.quotaLeft(at: december.adding(milliseconds: -1)) == Money(units: 1))
        #expect(wallet.quotaLeft(at: december) == Money(units: 5))
        var closed = wallet
        let early = closed.closeQuotaMonth(at: december.adding(milliseconds: -1))
        #expect(!early && closed == wallet)
        let (once, twice) = (closed.closeQuotaMonth(at: december), closed.closeQuotaMonth(at: december))
        #expect(once && !twice)
        #expect(closed.quota?.closed == [.init(month: now.day.firstOfMonth, monthly: Money(units: 5), used: Money(units: 4))])
        // A charge after the month's end closes it by itself.
        let entry = wallet.charge(try charge("0.0000000005"), at: december)
        #expect(entry?.source == .quota && wallet.quota?.used == Money(units: 5) && wallet.quota?.closed == closed.quota?.closed)
    }

    @Test func `Who is no pro owner any more pays from the balance, and what was used stays used`() throws {
        var wallet = try wallet("10")
        wallet.setQuota(isPro: true, monthly: Money(units: 5), at: now)
        _ = wallet.charge(try charge("0.0000000004"), at: now)
        wallet.setQuota(isPro: false, monthly: Money(units: 5), at: now)
        #expect(wallet.quotaLeft(at: now) == .zero)
        wallet.setQuota(isPro: true, monthly: Money(units: 3), at: now)
        #expect(wallet.quotaLeft(at: now) == .zero)
        wallet.setQuota(isPro: true, monthly: Money(units: 6), at: now)
        #expect(wallet.quotaLeft(at: now) == Money(units: 2))
    }

    /// The balances of the project and the user (nil: no wallet), the cost; then who pays (nil: refused), and what is available then.
    @Test(
        arguments: [
            ("5", "5", "5", "project", ""), ("4.9999999999", "5", "5", "user", ""), ("5", nil, "6", nil, "5"), (nil, "5", "5", "user", ""),
            (nil, nil, "1", nil, "0"), ("3", "4", "7", nil, "4"),
        ] as [(String?, String?, String, String?, String)])
    func `The project pays whole or not at all, else the user`(
        project: String?, user: String?, cost: String, payer: String?, available: String
    ) throws {
        var projectWallet = try project.map { try wallet($0, for: .project(ProjectID(stored: "p"))) }
        var userWallet = try user.map { try wallet($0) }
        let charge = try charge(cost)
        let sum = (projectWallet?.balance ?? .zero) + (userWallet?.balance ?? .zero)
        do throws(InsufficientBalance) {
            let entry = try charge.settle(project: &projectWallet, user: &userWallet, at: now)
            #expect(entry.source?.rawValue == payer)
            #expect((projectWallet?.balance ?? .zero) + (userWallet?.balance ?? .zero) == sum - charge.cost)
        } catch {
            #expect(payer == nil && error.required == charge.cost && error.available == Money(available))
            #expect((projectWallet?.balance ?? .zero) + (userWallet?.balance ?? .zero) == sum)
        }
    }

    @Test func `A credit that would pass 15 digits is refused`() throws {
        var wallet = try wallet("0")
        let largest = Wallet.balanceBound - Money(units: 1)
        #expect(wallet.credit(CreditID(stored: "a"), largest, reason: "r", at: now)?.balance == largest)
        #expect(wallet.credit(CreditID(stored: "b"), Money(units: 1), reason: "r", at: now) == nil && wallet.balance == largest)
    }

    @Test func `A billing error that is refused again is open again, and resolving it twice is once`() {
        let content = ChargeContent(user: user, project: nil, model: ModelName(stored: "m"), inputTokens: 1, outputTokens: 1)
        let balance = InsufficientBalance(required: Money(units: 2), available: .zero)
        var error = BillingError(
            id: ChargeID(stored: "c"), content: content, balance: balance, currency: euro, createdAt: now, refusedAt: now)
        error.resolve(.manual, note: "paid by hand", at: now)
        let once = error
        error.resolve(.charged, at: now.adding(days: 1))
        #expect(error == once && error.resolution == .manual && error.note == "paid by hand")
        error.refuse(content, balance, at: now.adding(days: 2))
        #expect(error.resolution == nil && error.note == nil && error.refusals == 2 && error.createdAt == now)
    }
}
