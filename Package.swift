// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A room and its tests. A room imports only what its line names; building with
/// `--explicit-target-dependency-import-check error` holds it to that.
func room(_ name: String, needs: [String] = [], tests: [String] = []) -> [Target] {
    let dependencies = needs.map { Target.Dependency(stringLiteral: $0) }
    let forTests = ([name] + needs + tests).map { Target.Dependency(stringLiteral: $0) }
    return [
        .target(name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: strict),
        .testTarget(name: name + "Tests", dependencies: forTests, swiftSettings: strict),
    ]
}

let rooms: [[Target]] = [
    room("Crypto", needs: ["CSystem"]),
    room("BSON", needs: ["CMongoc"], tests: ["Support"]),
    room("Mongo", needs: ["CMongoc", "BSON"], tests: ["Support"]),
    room("MongoServer", needs: ["CSystem", "BSON", "Mongo"], tests: ["Support"]),
    room("Bytes"),
    room("JSON", needs: ["Bytes"], tests: ["Support"]),
    room("HTTP", tests: ["Support"]),
    room("HTTPServer", needs: ["CSystem", "HTTP"], tests: ["Support"]),
    room("HTTPClient", needs: ["CSystem"]),
    room("Metrics"),
    room("Web", needs: ["Crypto", "Bytes", "JSON", "HTTP"]),
    room("Metering", needs: ["Bytes", "JSON"], tests: ["Support"]),
    room("Store", needs: ["BSON", "Bytes", "Mongo", "Metering"], tests: ["Support", "StoreSupport"]),
    room("Service", needs: ["Bytes", "Metering", "Store", "Crypto"], tests: ["Support", "ServiceSupport", "Mongo", "BSON"]),
    room("Jobs", needs: ["Crypto", "HTTPClient", "Metering", "Store", "Service"], tests: ["Support", "ServiceSupport", "Mongo", "BSON"]),
    room(
        "API", needs: ["CPages", "Crypto", "Bytes", "JSON", "HTTP", "Metrics", "Web", "Metering", "Service", "Jobs"],
        tests: ["Support", "Store", "StoreSupport", "Mongo", "BSON"]),
]

let package = Package(
    name: "ShopMeter",
    products: [.executable(name: "shopmeter", targets: ["shopmeter"])],
    targets: rooms.flatMap { $0 } + [
        .systemLibrary(name: "CMongoc", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev", "libbson-dev"])]),
        .target(name: "CPages", exclude: ["README.md", "files"]),
        .target(
            name: "CSystem", exclude: ["README.md"], linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto"), .linkedLibrary("z")]),
        .executableTarget(
            name: "shopmeter",
            dependencies: [
                "CSystem", "Crypto", "BSON", "Mongo", "MongoServer", "JSON", "HTTPClient", "HTTPServer", "Web", "Metering", "Store",
                "Service", "Jobs",
                "API",
            ],
            exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "Support", dependencies: ["BSON", "Mongo", "MongoServer", "Metering"], path: "Tests/Support",
            swiftSettings: strict),
        .target(
            name: "StoreSupport", dependencies: ["Mongo", "Store", "Support"], path: "Tests/StoreSupport", swiftSettings: strict),
        .target(
            name: "ServiceSupport", dependencies: ["Mongo", "Metering", "Store", "Service", "Jobs", "Support", "StoreSupport"],
            path: "Tests/ServiceSupport", swiftSettings: strict),
        .testTarget(
            name: "shopmeterTests",
            dependencies: [
                "shopmeter", "Support", "StoreSupport", "Mongo", "MongoServer", "BSON", "JSON", "Metering", "Store", "Service", "Crypto",
            ],
            swiftSettings: strict),
        .testTarget(name: "EndToEndTests", dependencies: ["Support", "BSON", "Mongo", "MongoServer"], swiftSettings: strict),
    ],
    // The pages' files are embedded by `#embed`.
    cLanguageStandard: .c2x
)
