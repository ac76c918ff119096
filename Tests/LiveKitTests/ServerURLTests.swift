import Testing

@testable import LiveKit

@Suite struct ServerURLTests {
    @Test(arguments: [
        ("ws://127.0.0.1:7880", "http://127.0.0.1:7880", "ws://127.0.0.1:7880"),
        ("wss://chat.livekit.cloud/", "https://chat.livekit.cloud", "wss://chat.livekit.cloud"),
        ("HTTP://livekit:7880", "http://livekit:7880", "ws://livekit:7880"),
        ("https://example.com/livekit//", "https://example.com/livekit", "wss://example.com/livekit"),
        ("ws://[::1]:7880", "http://[::1]:7880", "ws://[::1]:7880"),
    ])
    func `is called under http and joined under ws, secure when it was given as secure`(
        text: String, api: String, signalling: String
    ) throws {
        let url = try #require(ServerURL(text))
        #expect(url.api == api)
        #expect(url.signalling == signalling)
    }

    @Test(arguments: [
        "", "livekit:7880", "//livekit", "ftp://livekit", "ws://", "wss://:7880", "wss://user@livekit",
        "wss://livekit?a=b", "wss://livekit#a", "wss://live kit", "file:///tmp",
    ])
    func `is nothing that can't be called or would carry more than an address`(text: String) {
        #expect(ServerURL(text) == nil)
    }
}
