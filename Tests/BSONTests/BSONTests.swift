@testable import BSON
