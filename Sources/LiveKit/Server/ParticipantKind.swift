/// What sort of participant somebody is.
package enum ParticipantKind: Sendable, Hashable {
    /// People, in a browser or an app.
    case standard
    case agent
    /// A bridge to another network, as ours; agents listen to it.
    case connector
    case sip
    case ingress, egress
    case other(String)

    /// - Parameter name: in capitals, as the server API has it, or in small letters, as tokens have it.
    init(_ name: String) {
        self =
            switch name.lowercased() {
            case "standard": .standard
            case "agent": .agent
            case "connector": .connector
            case "sip": .sip
            case "ingress": .ingress
            case "egress": .egress
            default: .other(name.lowercased())
            }
    }

    /// In small letters.
    package var name: String {
        switch self {
        case .standard: "standard"
        case .agent: "agent"
        case .connector: "connector"
        case .sip: "sip"
        case .ingress: "ingress"
        case .egress: "egress"
        case .other(let name): name
        }
    }
}
