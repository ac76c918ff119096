import JSON

/// Serves the bytes behind a media URL. Wants the bearer token; a link that is over is a 404.
struct MediaHost: Sendable {
    let core: SimulatorCore

    func answer(_ call: Call) async -> Answer {
        let subject = FaultSubject(call: call, path: call.segments)
        return await core.faults.apply(to: subject, special: nil) { await serve(call) }
    }

    private func serve(_ call: Call) async -> Reply {
        guard call.method == "GET" || call.method == "HEAD" else {
            return GraphError(code: 100, status: 405, title: "Method not allowed").reply
        }
        guard call.bearer == core.settings.accessToken else { return GraphError.badToken.reply }
        let link = MediaLink(secret: core.settings.appSecret, lifetime: core.settings.mediaURLLifetime)
        guard let id = link.id(from: call.query, now: Moment.now / 1000), let entry = core.shelf.entry(id),
            let bytes = await core.shelf.content(entry)
        else {
            var error = GraphError(code: 100, status: 404, title: "Media not found")
            error.details = nil
            error.bare = true
            return error.reply
        }
        return Reply(
            headers: [
                ("Content-Type", entry.mimeType), ("Cache-Control", "private, max-age=0"),
                ("Content-Disposition", "attachment"),
            ], body: call.method == "HEAD" ? [] : bytes)
    }
}
