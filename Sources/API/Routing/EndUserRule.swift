import Metering
import Service

/// An end user's token reads that user's data and nothing else.
enum EndUserRule {
    static let parameter = "user_id"

    /// Puts the token's user where the query leaves `user_id` out; throws `forbidden` when it is another's.
    static func apply(to arguments: inout RequestArguments, of prepared: PreparedRoute, for credential: Credential?) throws(Problem) {
        guard case .endUser(_, let user)? = credential, prepared.route.access.admitsEndUsers else { return }
        let given = [arguments.path[parameter]].compactMap { $0 } + arguments.query.filter { $0.name == parameter }.map(\.value)
        guard given.allSatisfy({ $0 == user.rawValue }) else {
            throw Problem(.forbidden, "an end user's token reads that user's data only")
        }
        if given.isEmpty { arguments.query.append((parameter, user.rawValue)) }
    }
}
