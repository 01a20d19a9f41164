package import HTTP
package import JSON

extension Response {
    package static func json(_ status: Int, _ value: JSON) -> Response {
        Response(status: status, headers: Headers(["content-type": MediaType.json]), body: value.encoded)
    }

    package static func text(_ status: Int, _ text: String, as mediaType: String) -> Response {
        Response(status: status, headers: Headers(["content-type": "\(mediaType); charset=utf-8"]), body: Array(text.utf8))
    }

    /// 204.
    package static let empty = Response(status: 204)
}
