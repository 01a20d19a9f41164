import Testing

@testable import HTTPServer

struct ClientAddressTests {
    @Test(arguments: [
        ([0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "2001:db8:0:1::/64"),
        ([0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9], "2001:db8:0:1::/64"),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "0:0:0:0::/64"),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1], "192.0.2.1"),
    ])
    func `A client of IPv6 is its network, and a client of IPv4 its address`(_ bytes: [UInt8], _ text: String) {
        #expect(ClientAddress.text(ofV6: bytes) == text)
    }
}
