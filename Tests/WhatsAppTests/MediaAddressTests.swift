import Testing

@testable import WhatsApp

@Suite struct MediaAddressTests {
    private static let meta = "https://graph.facebook.com"

    @Test(arguments: [
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=a",
        "https://scontent.example.fbcdn.net/wa/attachment?mid=1", "https://mmg.whatsapp.net/a",
        "HTTPS://LOOKASIDE.FBSBX.COM/a", "https://lookaside.fbsbx.com:443/a", "https://lookaside.fbsbx.com?mid=1",
    ])
    func `Meta's media hosts get the token over https`(url: String) {
        #expect(MediaAddress(url, graphOrigin: Self.meta) != nil)
    }

    @Test(arguments: [
        "http://lookaside.fbsbx.com/a", "http://169.254.169.254/latest/meta-data/", "https://fbsbx.com.evil.test/a",
        "https://evilfbsbx.com/a", "https://fbsbx.com/a", "https://lookaside.fbsbx.com:8443/a",
        "https://lookaside.fbsbx.com@evil.test/a", "https://evil.test/.fbsbx.com", "https://evil.test#.fbsbx.com",
        "https://evil.test\\.fbsbx.com/a", "https://evil.test\\@lookaside.fbsbx.com/a",
        "https://evil.test%2f.fbsbx.com/a", "https://evil.test /.fbsbx.com", "https://a.fbsbx.com\n.evil.test/",
        "https://évil.fbsbx.com/", "https://lookaside.fbsbx.com:0443/", "https://lookaside.fbsbx.com:/", "https:///a",
        "https://[::1]/a", "file:///etc/passwd", "ftp://lookaside.fbsbx.com/", "//lookaside.fbsbx.com/", "",
        "https://graph.facebook.com/v21.0/1", "https://user:pw@lookaside.fbsbx.com/",
    ])
    func `no other address gets it`(url: String) {
        #expect(MediaAddress(url, graphOrigin: Self.meta) == nil)
    }

    @Test func `a stand-in for Meta is the host of its media, on its own port and scheme only`() {
        let origin = "http://127.0.0.1:4000"
        #expect(MediaAddress("http://127.0.0.1:4000/media/1", graphOrigin: origin) != nil)
        #expect(MediaAddress("http://127.0.0.1:4001/media/1", graphOrigin: origin) == nil)
        #expect(MediaAddress("https://127.0.0.1:4000/media/1", graphOrigin: origin) == nil)
        #expect(MediaAddress("http://127.0.0.1:4000.evil.test/", graphOrigin: origin) == nil)
    }

    @Test func `a redirect is judged like an address of its own`() throws {
        let address = try #require(MediaAddress("https://lookaside.fbsbx.com/a", graphOrigin: Self.meta))
        let target = { (location: String) in address.redirected(to: location, graphOrigin: Self.meta)?.url }
        #expect(target("/b?c") == "https://lookaside.fbsbx.com/b?c")
        #expect(target("https://x.fbcdn.net/b") == "https://x.fbcdn.net/b")
        #expect(target("https://evil.test/b") == nil)
        #expect(target("//evil.test/b") == nil)
        #expect(target("/\\evil.test") == nil)
        #expect(target("b") == nil)
    }
}
