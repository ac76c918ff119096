import Testing

@testable import Gateway

@Suite struct IdentifierTests {
    @Test(arguments: [0, 1, 1_785_000_000_000, (1 << 48) - 1] as [Milliseconds])
    func `a time-ordered id is a UUID of version 7 that starts with its time`(_ time: Milliseconds) throws {
        let id = TimeOrderedID.make(at: time)
        #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        let digits = id.replacing("-", with: "").prefix(12)
        #expect(Milliseconds(digits, radix: 16) == time)
    }

    @Test func `ids sort by their time, and no two are the same`() {
        let times = (0..<2000).map { Milliseconds(1_785_000_000_000 + $0 * 7) }
        let ids = times.map(TimeOrderedID.make)
        #expect(ids == ids.sorted())
        #expect(Set((0..<10_000).map { _ in TimeOrderedID.make(at: 5) }).count == 10_000)
    }

    @Test(arguments: [
        ("default", nil, "15550100001", "whatsapp_15550100001"),
        ("default", "42", "US.13491208655302741918", "whatsapp_US_13491208655302741918"),
        ("default", nil, "../é/🙂", "whatsapp_______"),
        ("shop", "42", "15550100001", "whatsapp_15550100001_42"),
    ])
    func `a room is named after its customer, and after the number for other accounts`(
        _ account: String, _ number: String?, _ subject: String, _ name: String
    ) {
        let account = Account(
            id: AccountID(rawValue: account), phoneNumberID: number, businessAccountID: nil, token: nil)
        #expect(account.roomName(for: subject).rawValue == name)
    }
}
