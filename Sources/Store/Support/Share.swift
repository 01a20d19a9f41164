internal import Metering
internal import Mongo

/// Whose a call of the database is, which decides about its threads: those of one shop never take more than half of them.
package enum Share: Hashable, Sendable {
    /// What every request waits for and takes a moment, as authentication: it has threads of its own.
    case urgent
    /// The service's own work, and that of the platform's operator.
    case service
    case shop(Tenant)
    /// A step of a long read of a shop: such steps take at most a quarter of the threads.
    case long(Tenant)

    /// Of the task that runs.
    @TaskLocal package static var current = Share.service

    var lane: Lane {
        switch self {
        case .urgent: .urgent
        case .service: .plain(of: "")
        case .shop(let tenant): .plain(of: tenant.shop.rawValue)
        case .long(let tenant): .long(of: tenant.shop.rawValue)
        }
    }
}
