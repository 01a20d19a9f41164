internal import CPages
internal import Crypto
internal import HTTP
internal import Metering
internal import Web

/// The pages for people, which are files of the program. They show nothing by themselves: they call the interface with the credential of who looks at them.
struct PageRoutes: Sendable {
    static let tag = "pages"

    var all: [Route] { [dashboard, portal, docs, file] }

    private var dashboard: Route {
        Route(
            .get, "/dashboard", id: "getDashboard", "The page of a shop's people, and of the operator", tag: Self.tag, access: .open,
            answers: [.text(200, "The page", as: [MediaType.html]), PageFile.unchanged]
        ) { call in try PageFile.named("dashboard.html").response(to: call.request) }
    }

    private var portal: Route {
        Route(
            .get, "/portal", id: "getPortalPage", "A user's own page, by the address that `POST /v1/portal-sessions` gives", tag: Self.tag,
            access: .open,
            answers: [.text(200, "The page", as: [MediaType.html]), PageFile.unchanged]
        ) { call in try PageFile.named("portal.html").response(to: call.request, isFramed: true) }
    }

    private var docs: Route {
        Route(
            .get, "/docs", id: "getDocs", "The interface, as a page made of `/openapi.json`", tag: Self.tag, access: .open,
            answers: [.text(200, "The page", as: [MediaType.html]), PageFile.unchanged]
        ) { call in try PageFile.named("docs.html").response(to: call.request) }
    }

    private var file: Route {
        Route(
            .get, "/dashboard/{file}", id: "getPageFile", "A file of the page", tag: Self.tag, access: .open,
            parameters: [.path("file", .identifier, "Its name.")],
            answers: [.text(200, "The file", as: PageFile.mediaTypes), PageFile.unchanged], problems: [.notFound]
        ) { call in try PageFile.named(try call.parameters.text("file")).response(to: call.request) }
    }
}

/// A file of the program.
private struct PageFile: Sendable {
    let mediaType: String
    let bytes: [UInt8]
    /// Names the file's content (RFC 9110, 8.8.3).
    let tag: String

    static let unchanged = Answer.empty(304, "What the client has, by its `If-None-Match`, is the file.")
    static let mediaTypes = [MediaType.html, "text/css", "text/javascript", "image/svg+xml", MediaType.plain]

    /// What a page may do: run the scripts and show the styles of this server, and call it. Nothing inline, nothing from elsewhere, no frame around it.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"

    private static let all: [String: PageFile] = {
        let files = (0..<page_file_count).compactMap { index -> (String, PageFile)? in
            // The files are constants of the program: they are never released, and their names end in NUL.
            guard let file = unsafe page_file_at(index)?.pointee else { return nil }
            let name = unsafe String(cString: file.name)
            return (name, PageFile(name, unsafe Array(UnsafeBufferPointer(start: file.bytes, count: file.count))))
        }
        return Dictionary(files) { first, _ in first }
    }()

    private init(_ name: String, _ bytes: [UInt8]) {
        let types = ["html": MediaType.html, "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"]
        mediaType = types[String(name.split(separator: ".").last ?? "")] ?? MediaType.plain
        self.bytes = bytes
        tag = "\"\((try? SHA256.hash(bytes)).map { Hex.text($0.prefix(8)) } ?? "\(bytes.count)")\""
    }

    static func named(_ name: String) throws(Problem) -> PageFile {
        guard let file = all[name] else { throw Problem(.notFound, "there is no such file") }
        return file
    }

    /// `isFramed`: whether pages of others may put it into a frame, as they may a page that only reads.
    func response(to request: Request, isFramed: Bool = false) -> Response {
        let policy = Self.policy + (isFramed ? "" : "; frame-ancestors 'none'")
        if request.headers["if-none-match"] == tag { return Response(status: 304, headers: Headers(["etag": tag])) }
        let headers = Headers([
            "content-type": "\(mediaType); charset=utf-8", "cache-control": "no-cache", "etag": tag,
            "content-security-policy": policy, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
        ])
        return Response(status: 200, headers: headers, body: bytes)
    }
}
