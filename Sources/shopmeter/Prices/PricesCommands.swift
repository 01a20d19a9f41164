internal import API
internal import JSON
internal import Metering
internal import Service
internal import Store

extension Command {
    static let pricesImport = Command(
        path: ["prices", "import"], summary: "Takes what models cost from a file in LiteLLM's format, and prints what changed.",
        operands: [
            Operand(
                name: "FILE", help: "an object of models with input_cost_per_token and the like, in US dollars; - is the standard input")
        ],
        options: [
            Option.shop, Option(name: "currency", placeholder: "CODE", help: "the shop's, in which the prices are stored (USD)"),
            Option(name: "rate", placeholder: "NUMBER", help: "how many units of --currency one US dollar is; needed where it is another"),
            Option(name: "effective-from", placeholder: "TIME", help: "the RFC 3339 time from which the prices are in force (now)"),
            Option.flag("dry-run", help: "stores nothing, and prints what would change"),
            Option.flag("skip-refused", help: "stores the good prices where others are refused"),
            Option.flag("accept", help: "takes prices that became more than 100 times larger or smaller"),
        ] + Option.database,
        details: """
            Prices are printed and kept per 1,000,000 tokens, by class of token, size of prompt and service tier. One with more than 10 digits after
            the point is rounded half up, and printed as it was and as it is stored. Refused, by line and name, is one that is negative or too
            large, what is no number, a model of text that lacks one of its two prices, a name that is there twice, a price that would begin before
            the one that is in force, and one that became more than 100 times larger or smaller (--accept takes it). When anything is refused,
            nothing is stored, and the exit code is 1; --skip-refused stores the rest, and the exit code is 1 too. Everything is stored in one
            transaction.

            What is not priced by tokens is skipped, and counted by its kind; so are models that cost nothing, unless the shop has free models.
            A class of tokens that the file has no price for costs what its fallback costs, such as output for reasoning; every charge names it.
            A model that costs what the file says stays as it is, so that a second run changes nothing. Charges keep the price they had, and a
            model the markup that the shop has put on it.
            """,
        examples: [
            "shopmeter prices import model_prices.json --shop acme --dry-run",
            "shopmeter prices import model_prices.json --shop acme --effective-from 2026-12-01T00:00:00Z --skip-refused",
        ]
    ) { invocation in
        try await InputFile.lent(in: PriceImportOptions(invocation.arguments), \.file) { options in
            try await invocation.withService { service in
                let summary = try await PriceImporter(service: service, options: options).run()
                Console.print(summary.text)
                return summary.refused == 0 ? 0 : 1
            }
        }
    }

    static let pricesList = Command(
        path: ["prices", "list"], summary: "Prints what each model of a shop costs now, a line of JSON each.",
        options: [Option.shop] + Option.database, examples: ["shopmeter prices list --shop acme"]
    ) { invocation in
        let shop = try invocation.arguments.shop()
        return try await invocation.withService { service in
            let tenant = try await service.shop(shop).tenant
            var last: ModelName?
            repeat {
                let prices = try await service.modelPrices(in: tenant, after: last, limit: 200)
                for price in prices { Console.print(price.json.description) }
                last = prices.last?.model
            } while last != nil
            return 0
        }
    }
}
