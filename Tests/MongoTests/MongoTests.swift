import Testing

@testable import Mongo
