package import Metering
internal import Store

extension ShopMeter {
    /// To which instant the times of an import are shifted, so that its last event falls there.
    package enum ImportShift: Equatable, Sendable {
        case none
        /// The instant at which the file was first imported.
        case now
        case to(Timestamp)
    }

    /// Agrees on how a file is imported: the first time as asked, and later as the first time, so that a second run makes the same events. Throws
    /// `conflict` for other options of the same file.
    ///
    /// `file`: a digest by which the file is known again, in hexadecimal; `keeping`: whether the first import is remembered. Returns the instant of the file's last event; nil when times are not shifted.
    package func agreeOnImport(of file: String, options: String, shift: ImportShift, keeping: Bool, for tenant: Tenant) async throws
        -> Timestamp?
    {
        let now = try await now(of: tenant)
        return try await retryingDuplicates {
            try await transaction { transaction in
                if let entry = try Imports.find(file, of: tenant, transaction) {
                    guard entry.options == options else {
                        throw ServiceError.conflict("This file was imported into \(tenant.shop) with other options: \(entry.options).")
                    }
                    return entry.lastAt
                }
                let entry = Imports.Entry(options: options, lastAt: shift.lastAt(now: now))
                if keeping { try Imports.insert(entry, for: file, of: tenant, at: now, in: transaction) }
                return entry.lastAt
            }
        }
    }
}

extension ShopMeter {
    /// To which instant an import would shift the file's last event. Changes nothing.
    package func previewOfImport(of file: String, options: String, shift: ImportShift, for tenant: Tenant) async throws -> Timestamp? {
        let now = try await now(of: tenant)
        let entry = try await read { try Imports.find(file, of: tenant, $0) }
        guard let entry else { return shift.lastAt(now: now) }
        guard entry.options == options else {
            throw ServiceError.conflict("This file was imported into \(tenant.shop) with other options: \(entry.options).")
        }
        return entry.lastAt
    }
}

extension ShopMeter.ImportShift {
    fileprivate func lastAt(now: Timestamp) -> Timestamp? {
        switch self {
        case .none: nil
        case .now: now
        case .to(let time): time
        }
    }
}
