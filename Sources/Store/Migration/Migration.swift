internal import BSON
internal import Foundation
internal import Metering
internal import Mongo

/// One step from a version of the schema to the next.
struct Migration: Sendable {
    /// The version that the database has when the step is done.
    let version: Int64
    let name: String
    /// Idempotent, as a step that was interrupted is done again from its start.
    let run: @Sendable (Writing) throws -> Void

    init(_ version: Int64, _ name: String, run: @escaping @Sendable (Writing) throws -> Void) {
        (self.version, self.name, self.run) = (version, name, run)
    }
}

extension Migration {
    /// Every step, numbered from 1. A database remembers which it has done: so a step keeps its number for ever, and a change of the schema is a
    /// further step. One that changes a validator or adds an index calls `Schema.ensure` for its collections, which then get what the code says
    /// today; in a new database the first step has done that already, and the later one finds nothing to do.
    static let all = [
        Migration(1, "the collections of the first release") { try Schema.ensure(Schema.collections, on: $0) },
        Migration(2, "holds and billing errors that are done are kept for a time; a user's newest subscription is found by its number") {
            try Schema.ensure([Subscriptions.schema, Reservations.schema, BillingErrors.schema], on: $0)
            try $0.dropIndex("by_user", of: Subscriptions.schema)
            try Retention.begin(Reservations.schema.name, where: ["state": ["$ne": "open"]], $0)
            try Retention.begin(BillingErrors.schema.name, where: ["resolved": true], $0)
        },
        Migration(3, "users; events are found by their reference") { try Schema.ensure([Users.schema, UsageEvents.schema], on: $0) },
        Migration(4, "subscriptions at Stripe, and whose they are") {
            try Schema.ensure([StripeEvents.schema, StripeSubscriptions.schema, Subscriptions.schema, Shops.schema], on: $0)
        },
        Migration(5, "erasures of users") { try Schema.ensure([Erasures.schema], on: $0) },
        Migration(6, "shops' rules; what a period has come to, and credit in several currencies") {
            try Schema.ensure([Shops.schema, Plans.schema, Subscriptions.schema, Accounts.schema, Invoices.schema], on: $0)
        },
        Migration(7, "a user's API calls of a month have a counter") {
            try Schema.ensure([ConsumptionMonths.schema], on: $0)
            try ConsumptionMonths.build($0)
        },
        Migration(8, "a shop has limits of requests of its own") { try Schema.ensure([Shops.schema], on: $0) },
        Migration(9, "a model's price has classes of tokens, and may lack one of the two it had before; models have aliases") {
            try Schema.ensure([Shops.schema, ModelPrices.schema, ModelAliases.schema], on: $0)
        },
        Migration(10, "voids, adjustments and refunds of charges; who changed what; lists of purchases and charges") {
            try Schema.ensure(
                [
                    Accounts.schema, UsageEvents.schema, Purchases.schema, EventVoids.schema, Adjustments.schema, AuditTrail.schema,
                    Wallets.schema, WalletEntries.schema, BillingErrors.schema,
                ], on: $0)
            try $0.dropIndex("by_user", of: Purchases.schema)
        },
        Migration(11, "calls of models") { try Schema.ensure([Calls.schema], on: $0) },
        Migration(12, "events keep details, and the period in which a late one counts") { try Schema.ensure([UsageEvents.schema], on: $0) },
        Migration(13, "the entries of an account's log are numbered") {
            try Schema.ensure([Accounts.schema, UsageEvents.schema, Shops.schema], on: $0)
            try Accounts.number($0)
        },
        Migration(14, "adjustments may be opening balances of what was carried over, and credit has its entry in the audit log") {
            try Schema.ensure([Adjustments.schema, AuditTrail.schema], on: $0)
        },
        Migration(15, "taxes, sellers and customers on invoices") {
            try Schema.ensure([Shops.schema, Users.schema, Invoices.schema], on: $0)
        },
        Migration(16, "webhooks: where shops are told of what happens, and what is to be sent") {
            try Schema.ensure([WebhookEndpoints.schema, WebhookDeliveries.schema, AuditTrail.schema, Wallets.schema], on: $0)
        },
        Migration(17, "credit notes") {
            try Schema.ensure([Invoices.schema, CreditNotes.schema, DocumentNumbers.creditNotes.schema], on: $0)
        },
        Migration(18, "the users' page: a shop's colour, and the origins of its pages; refusals are kept") {
            try Schema.ensure([Shops.schema, Refusals.schema], on: $0)
        },
        Migration(19, "keys expire, are confined to addresses, say when they were used, and are replaced") {
            try Schema.ensure([APIKeys.schema, AuditTrail.schema], on: $0)
        },
        Migration(20, "the entries of an account's log keep what the account was after them") {
            try Schema.ensure([Accounts.schema, UsageEvents.schema], on: $0)
            try Accounts.beginPasts($0, now: systemTime)
        },
    ]
}

extension Migration {
    private static var systemTime: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
}

extension Writing {
    /// Removes an index that the code does not have any more, if the collection has it.
    fileprivate func dropIndex(_ name: String, of schema: CollectionSchema) throws {
        // IndexNotFound
        let notFound: Int32 = 27
        do throws(MongoError) {
            _ = try command(["dropIndexes": .string(schema.name), "index": .string(name)])
        } catch  where error.code == notFound {}
    }
}
