import ArgumentParser
import Gateway
import WhatsApp

struct EraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Erases one customer, or one message, for good.",
        discussion: """
            Messages, raw webhooks, jobs, events, files and the copies in MongoDB go; a hash of each message's id stays, so \
            that it can't come in again. What WhatsApp and the customer have is not touched.
            """)

    @Option(help: "The customer, as +15550100001: all that was said, the rooms and what is known of the customer.")
    var phone: String?

    @Option(help: "Only what this account has of the customer; without it, what every account has.")
    var account: String?

    @Option(help: "The room of a message, as whatsapp_15550100001.")
    var room: String?

    @Option(help: "The message, by either id.")
    var message: String?

    private enum Target {
        case contact(PhoneNumber)
        case message(String, RoomName)
    }

    func validate() throws { _ = try target() }

    func run() async throws {
        let target = try target()
        try await Maintenance.run { gateway in
            switch target {
            case .contact(let phone):
                let report = try await gateway.erasure.eraseContact(
                    phone, account: account.map(AccountID.init(rawValue:)))
                print("\(report.messages) messages and \(report.rooms) rooms erased")
            case .message(let id, let room):
                try await gateway.erasure.eraseMessage(id, in: room)
                print("1 message erased")
            }
        }
    }

    private func target() throws -> Target {
        switch (phone, room, message) {
        case (let phone?, nil, nil):
            guard let number = PhoneNumber(phone) else {
                throw ValidationError("--phone: expected an international number as +15550100001")
            }
            return .contact(number)
        case (nil, let room?, let message?) where account == nil: return .message(message, RoomName(rawValue: room))
        default: throw ValidationError("give either --phone, with --account or without, or --room with --message")
        }
    }
}
