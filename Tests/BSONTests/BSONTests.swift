import Testing

@testable import BSON
