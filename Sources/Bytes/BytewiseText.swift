internal import Glibc

/// Text is the same text when its bytes are: so the database compares, and so do we. Swift's own `==` also takes texts for one that Unicode
/// calls canonically equivalent, such as `é` and `e` with U+0301; two clients' ids, and two values of a dimension, would become one by it.
extension String {
    /// Whether both have the same UTF-8 bytes.
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isSame = unsafe utf8.withContiguousStorageIfAvailable { mine in
            unsafe other.utf8.withContiguousStorageIfAvailable { theirs in
                guard let left = mine.baseAddress, let right = theirs.baseAddress else { return true }
                // Safe: both buffers live for the call, and have as many bytes.
                return unsafe memcmp(left, right, theirs.count) == 0
            }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// Hashes the UTF-8 bytes, and an end that no UTF-8 has.
    package func hashBytes(into hasher: inout Hasher) {
        // Safe: the buffer lives for the call.
        let isDone: Void? = unsafe utf8.withContiguousStorageIfAvailable { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if isDone == nil { for byte in utf8 { hasher.combine(byte) } }
        hasher.combine(UInt8.max)
    }

    /// Whether its bytes come first, as in the database's order.
    package func hasBytes(before other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

/// Text of a client's in a value that is compared: `@Bytewise var reference: String?` makes the synthesized `==` and `hash` go by bytes.
@propertyWrapper
package struct Bytewise<Text: BytewiseComparable>: Hashable, Sendable {
    package var wrappedValue: Text

    package init(wrappedValue: Text) { self.wrappedValue = wrappedValue }

    package static func == (left: Self, right: Self) -> Bool { left.wrappedValue.hasSameBytes(as: right.wrappedValue) }

    package func hash(into hasher: inout Hasher) { wrappedValue.hashBytes(into: &hasher) }
}

package protocol BytewiseComparable: Sendable {
    func hasSameBytes(as other: Self) -> Bool
    func hashBytes(into hasher: inout Hasher)
}

extension String: BytewiseComparable {}

extension Optional: BytewiseComparable where Wrapped: BytewiseComparable {
    package func hasSameBytes(as other: Self) -> Bool {
        switch (self, other) {
        case (let mine?, let theirs?): mine.hasSameBytes(as: theirs)
        case (nil, nil): true
        default: false
        }
    }

    package func hashBytes(into hasher: inout Hasher) {
        hasher.combine(self == nil ? 0 : 1 as UInt8)
        self?.hashBytes(into: &hasher)
    }
}

extension Array: BytewiseComparable where Element: BytewiseComparable {
    package func hasSameBytes(as other: Self) -> Bool { elementsEqual(other) { $0.hasSameBytes(as: $1) } }

    package func hashBytes(into hasher: inout Hasher) {
        hasher.combine(count)
        for element in self { element.hashBytes(into: &hasher) }
    }
}

/// Values by ids, which are ASCII.
extension Dictionary: BytewiseComparable where Key == String, Value == String {
    package func hasSameBytes(as other: Self) -> Bool {
        count == other.count && allSatisfy { name, value in other[name]?.hasSameBytes(as: value) ?? false }
    }

    package func hashBytes(into hasher: inout Hasher) { hasher.combine(count) }
}
