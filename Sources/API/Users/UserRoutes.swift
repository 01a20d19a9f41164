import Bytes
import HTTP
import JSON
import Metering
import Service
import Web

/// The users of a shop, and who they are.
struct UserRoutes: Sendable {
    let service: ShopMeter

    static let tag = "users"

    var all: [Route] { [list, put, erase, findEvents] }

    private var list: Route {
        Route(
            .get, "/v1/users", id: "listUsers", "Search the users",
            description: "A page may have fewer users than asked for, and a `next_cursor`: it looks at 20,000 users at most.",
            tag: Self.tag,
            access: .shop(.read),
            parameters: [
                .query("query", .string(1...256), "A part of the id, the name or the e-mail address, in any case."),
                .query("plan", .identifier, "Whose limits count."),
                .query(
                    "status", .choice(of: SubscriptionStatus.self, named: "SubscriptionStatus"),
                    "Of the subscription, else of the last one."),
                .query("over", .boolean, "Whether an allowance is used up or in debt."),
            ] + Page.parameters,
            answers: [.json(200, "Users, by id", Page.schema(of: ListedUser.schema))], isHeavy: true, handle: search)
    }

    private func search(_ call: Call) async throws -> Response {
        let parameters = call.parameters
        let search = UserSearch(
            text: try parameters.text(ifAny: "query"), plan: try parameters.identifier(ifAny: "plan"),
            status: try parameters.value(ifAny: "status", SubscriptionStatus.init(rawValue:)), isOver: try parameters.bool(ifAny: "over"))
        let cursor = CursorKey<UserID>.id
        let page = try call.page(of: "users", keyedBy: cursor.schemas)
        let found = try await service.users(search, in: call.tenant, after: try page.after.map(cursor.read), limit: page.limit)
        let next = found.next.map { Cursor(list: "users", key: cursor.values($0)) }
        return try Page.answer(found.users.map(\.json), next: next)
    }

    private var put: Route {
        Route(
            .put, "/v1/users/{user_id}", id: "putUser", "Keep who a user is",
            description: "In the place of what was kept before: what is left out is not kept. Invoices name the user by it.", tag: Self.tag,
            access: .shop(.manage), parameters: [.clientID("user_id")], body: .json(UserProfileInput.schema),
            answers: [.json(201, "It is kept", StoredProfile.schema), .json(200, "It is kept instead", StoredProfile.schema)]
        ) { call in
            let put = try await service.putUser(
                try call.parameters.identifier("user_id"), try UserProfileInput.profile(call.fields), of: call.tenant)
            return .json(put.isNew ? 201 : 200, .object(put.stored.object))
        }
    }
}

extension UserRoutes {
    private var erase: Route {
        Route(
            .delete, "/v1/users/{user_id}", id: "eraseUser", "Erase a user for good",
            description: """
                The subscription ends. A token takes the place of the id in events, invoices and whatever else the books need; profile, descriptions \
                of events and kept answers are gone. Sums, amounts and numbers of invoices stay. Asked for again after it was broken off, it goes on.
                """,
            tag: Self.tag, access: .shop(.manage), parameters: [.clientID("user_id")],
            answers: [.json(200, "The receipt", ErasedUser.schema)], problems: [.notFound, .conflict], patience: Patience.reading
        ) { call in
            let user: UserID = try call.parameters.identifier("user_id")
            let erased = try await service.eraseUser(user, quoted: user.json.description, of: call.tenant, by: call.actor)
            return .json(200, erased.json)
        }
    }
}

/// Events of which only an id is known.
extension UserRoutes {
    private var findEvents: Route {
        Route(
            .get, "/v1/events", id: "findEvents", "Find events in the shop",
            description: "By the event's id, which is each user's own, or by the reference.",
            tag: UsageRoutes.tag, access: .shop(.read),
            parameters: [.query("event_id", .clientID, "Of whichever user."), .query("reference_id", .clientID, "Of whichever user.")]
                + Page.parameters,
            answers: [.json(200, "By id: in the order of users; by reference: newest first", Page.schema(of: RecordedEvent.schema))],
            isHeavy: true, handle: listEvents)
    }

    private func listEvents(_ call: Call) async throws -> Response {
        let (event, reference) = (try call.parameters.text(ifAny: "event_id"), try call.parameters.text(ifAny: "reference_id"))
        let tenant = try call.tenant
        switch (event, reference) {
        case (nil, nil): throw Problem.invalid("event_id", "is required, where there is no reference_id")
        case (let event?, let reference):
            return try await call.answer("events_by_id", keyedBy: CursorKey<UserID>.id, key: \.user, json: \.json) { user, limit in
                let events = try await service.events(EventID(stored: event), in: tenant, after: user, limit: limit)
                return events.filter { reference == nil || $0.content.referenceID.map { $0.hasSameBytes(as: reference ?? "") } ?? false }
            }
        case (nil, let reference?):
            return try await call.answer("events_by_reference", ReferenceList(of: reference), keyedBy: .event, from: service, json: \.json)
        }
    }
}

extension CursorKey where Key == EventPlace {
    fileprivate static var event: Self {
        CursorKey(
            schemas: [.integer(.min ... .max), .clientID, .clientID],
            values: { [$0.at.milliseconds.json, $0.user.json, $0.event.json] },
            key: { values in
                guard values.count == 3, let time = values[0].integer, let user = values[1].string, let event = values[2].string
                else { return nil }
                return EventPlace(at: Timestamp(milliseconds: time), user: UserID(stored: user), event: EventID(stored: event))
            })
    }
}
