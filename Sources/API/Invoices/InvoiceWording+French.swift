import Metering

extension InvoiceWording {
    static let french = InvoiceWording(
        code: "fr", invoice: "Facture", creditNote: "Avoir", billedTo: "Client", seller: "Vendeur", plan: "Formule",
        issued: "Date d’émission",
        due: "Échéance", paid: "Payée le", payment: "Règlement", taxID: "N° de TVA", item: "Désignation", time: "Période",
        amount: "Montant",
        fees: "Abonnement", credit: "Crédit", refunded: "Remboursé", withoutTax: "Total hors taxes", noTax: "Sans taxe",
        included: ", comprise",
        total: "Total TTC", ofInvoice: "Facture d’origine", reason: "Motif", datesAreUTC: "Dates en UTC",
        statuses: [.pending: "à payer", .paid: "payée", .overdue: "en retard", .cancelled: "annulée", .refunded: "remboursée"],
        reasons: [.refund: "Remboursement", .cancellation: "Annulation", .reduction: "Réduction"],
        months: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
        to: "au", decimalPoint: ",", thousands: "\u{202F}", firstDay: "1er", space: "\u{A0}",
        phrases: [
            "fee for the period": "abonnement de la période", "rest of the period": "reste de la période",
            "what was used, beyond the time that was billed": "consommation au-delà du temps facturé",
            "what was used, beyond the time": "consommation au-delà du temps", "time that was not used": "temps non utilisé",
            "billed before, or not used": "déjà facturé, ou non utilisé", "Credit from before": "Crédit antérieur", "Credit": "Crédit",
        ], over: { "\($0) au-delà du forfait" })
}
