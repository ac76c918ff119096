/// What to try after `serve --simulate`, as commands that work as printed.
struct Tour: Sendable {
    let gateway: String
    let simulator: String
    let program: String
    /// Whether `API_KEYS` is set.
    let needsKey: Bool

    private static let customer = "+15550100001"

    var text: String {
        let phone = "\(program) phone"
        let at = simulator == "http://127.0.0.1:4000" ? "" : " --simulator \(simulator)"
        let key = needsKey ? " -H \"X-API-Key: $KEY\"" : ""
        let room = "whatsapp_\(Self.customer.dropFirst())"
        return """

            Vestibule is at \(gateway), a simulated WhatsApp at \(simulator).
            Try this in another terminal\(needsKey ? ", with one of your API_KEYS in KEY" : ""):

              # A customer writes, and sends a picture.
              \(phone) say \(Self.customer) "Hello, do you deliver on Sundays?"\(at)
              \(phone) image \(Self.customer) --caption "This is the one"\(at)

              # What arrived: the messages of that number, and its room.
              curl\(key) \(gateway)/whatsapp/messages/\(Self.customer)
              curl\(key) \(gateway)/rooms/\(room)

              # Answer, and see the answer on the customer's phone.
              curl\(key) --json '{"phoneNumber":"\(Self.customer)","text":"Yes, from nine."}' \(gateway)/whatsapp/send
              \(phone) inbox \(Self.customer)\(at)

              # The ticks: its status has gone from sent to delivered and read.
              curl\(key) '\(gateway)/rooms/\(room)/messages?limit=1'

            More: \(program) phone --help, curl \(simulator)/sim, curl\(key) \(gateway)/openapi.yaml
            Stop with Ctrl-C.


            """
    }
}
