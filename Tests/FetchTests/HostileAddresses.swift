/// Ways of writing an address that no request on behalf of somebody else may be led to.
enum HostileAddresses {
    /// These lead to this very machine when nothing guards them.
    static let reachable = [
        "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001",
        "0x7F.0x0.0x0.0x1", "0177.0.0.1", "0177.0.0.01", "00000177.0.0.1", "127.0x0.0.1", "0x7f.1", "0", "0x0", "00",
        "0.0.0.0", "localhost", "LOCALHOST", "LocalHost", "localhost.", "%6c%6fcalhost", "127%2e0%2e0%2e1",
        "example.org@127.0.0.1", "user:pass@127.0.0.1", "8.8.8.8@127.0.0.1", "example.org%40@127.0.0.1",
    ]

    static let others = [
        // Loopback and "this host" in IPv6, and IPv4 within it.
        "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[::1%25lo]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[::ffff:0.0.0.0]",
        "[::ffff:169.254.169.254]", "[::ffff:10.0.0.1]",
        // NAT64, 6to4, Teredo.
        "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[64:ff9b:1::1]",
        "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::]", "[2001::1]",
        // Link-local with a zone, site- and unique local, metadata, multicast, discard, documentation.
        "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fe80::a9fe:a9fe]", "[fec0::1]", "[fc00::1]", "[fd12:3456::1]",
        "[fd00:ec2::254]", "[ff02::1]", "[ff05::2]", "[100::1]", "[2001:db8::1]", "[3fff::1]", "[4000::1]",
        // Metadata services, also in other notations.
        "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "169.16689662",
        "169.254.170.2", "100.100.100.200", "192.0.0.192",
        // Private, shared, benchmark, documentation, multicast, reserved.
        "10.0.0.1", "10.1", "167772161", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1", "0xc0a80001",
        "100.64.0.1", "100.127.255.255", "198.18.0.1", "198.19.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "4294967295",
        "0.1.2.3",
        // Digits and dots that only look different, or that some readers take for others.
        "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "127.0.0.1.", "127.0.0.1%00.example.org",
        "127.0.0.1%2523.example.org", "8.8.8.8\\@127.0.0.1", "127.0.0.1 ", "127.0.0.1\t", "4294967296", "256.0.0.1",
        "127.0.0.1%0d%0a", "xn--127-.0.0.1", "[::1", "::1", "[127.0.0.1]", "%31%32%37.0.0.1", "0x7f.0x.0.1",
    ]

    static let all = reachable + others

    /// Whole addresses in which `{port}` stands for the listener's.
    static let schemes = [
        "file:///etc/passwd", "file://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "gopher://127.0.0.1:{port}/_GET",
        "dict://127.0.0.1:{port}/a", "telnet://127.0.0.1:{port}/", "tftp://127.0.0.1:{port}/",
        "ldap://127.0.0.1:{port}/",
        "smb://127.0.0.1:{port}/a", "ws://127.0.0.1:{port}/", "javascript:alert(1)", "//127.0.0.1:{port}/",
        "http:127.0.0.1:{port}", "http:///127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}\\", "127.0.0.1:{port}",
        "https://127.0.0.1:{port}/", "HTTP://127.0.0.1:{port}/", "jar:http://127.0.0.1:{port}/!/", "",
    ]
}
