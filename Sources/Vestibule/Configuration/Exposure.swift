/// Which doors a set of settings leaves open to everyone, and whether that may be.
struct Exposure: Sendable, Hashable {
    /// What is open, each a sentence.
    let openDoors: [String]
    let isLoopback: Bool

    /// - Parameter isSimulated: the app secret is then the simulator's, which everybody knows.
    init(_ settings: Settings, isSimulated: Bool = false) {
        var doors: [String] = []
        if settings.apiKeys.isEmpty {
            doors.append("API_KEYS is not set: anyone who can reach the server reads and sends messages")
        }
        if settings.appSecrets.isEmpty {
            doors.append("WHATSAPP_APP_SECRET is not set: anyone who can reach the server can post messages as Meta")
        } else if isSimulated {
            doors.append(
                "the simulator's app secret is public: anyone who can reach the server can post messages as Meta")
        }
        openDoors = doors
        isLoopback = Loopback.contains(settings.host)
    }

    var mayStart: Bool { isLoopback || openDoors.isEmpty }

    /// Why the server doesn't start, with the mend.
    func refusal(host: String) -> SettingsError {
        SettingsError(
            problems: openDoors.map {
                SettingProblem(
                    name: SettingName.host.rawValue,
                    problem: "\(host) can be reached from other machines, and \($0). "
                        + "Close that, listen on 127.0.0.1, or pass --insecure to accept it")
            })
    }
}
