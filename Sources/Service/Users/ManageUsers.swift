package import Metering
internal import Store

extension ShopMeter {
    /// Keeps who the user is, in the place of what was kept before. Returns whether nothing was.
    package func putUser(
        _ user: UserID, _ profile: UserProfile, of tenant: Tenant
    ) async throws -> (stored: StoredProfile, isNew: Bool) {
        let now = try await now(of: tenant)
        return try await retryingDuplicates {
            try await self.transaction { transaction in
                let before = try Users.find(user, of: tenant, transaction)
                let stored = StoredProfile(user: user, profile: profile, createdAt: before?.createdAt ?? now, updatedAt: now)
                try Users.put(stored, of: tenant, in: transaction)
                return (stored, before == nil)
            }
        }
    }

    /// The language in which the user is written to; nil when nobody said.
    package func language(of user: UserID, in tenant: Tenant) async throws -> UserProfile.Language? {
        try await read { try Users.find(user, of: tenant, $0) }?.profile.language
    }
}
