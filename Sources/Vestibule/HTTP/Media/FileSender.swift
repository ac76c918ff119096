import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Sends stretches of files as bodies by `sendfile`, so that their bytes never pass through this process.
///
/// The server above writes bodies as buffers only. So whoever answers announces a `Transfer` as an event and then
/// writes an empty buffer as the body; this handler writes the file in the buffer's place, past the handler that would
/// take buffers alone, straight to the HTTP encoder.
final class FileSender: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Transfer: Sendable {
        let file: OpenFile
        let range: Range<Int64>
    }

    /// What goes to the socket at a time. A reader that takes nothing of it for `ConnectionLimits.stallTime` is cut
    /// off, so it grows only while slices go fast.
    private static let slices = 256 * 1024...2 * 1024 * 1024
    private static let fast: TimeAmount = .seconds(1)

    private struct Pending {
        let file: OpenFile
        var range: Range<Int64>
        let promise: EventLoopPromise<Void>?
    }

    private var announced: Pending?
    private var sending: Pending?
    private var slice = FileSender.slices.lowerBound
    private var encoder: ChannelHandlerContext?

    /// What is written as the body in place of an announced transfer.
    static let marker = ByteBuffer()

    /// - Returns: what ends when the last byte has gone to the socket, or the connection is lost.
    static func announce(_ transfer: Transfer, over channel: any Channel) -> EventLoopFuture<Void> {
        channel.triggerUserOutboundEvent(transfer)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        do {
            encoder = try context.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)
        } catch {
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        encoder = nil
        let left = [announced, sending]
        announced = nil
        sending = nil
        for pending in left { pending?.promise?.fail(ChannelError.ioOnClosedChannel) }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let transfer = event as? Transfer else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        announced = Pending(file: transfer.file, range: transfer.range, promise: promise)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let transfer = announced, case .body(let buffer) = unwrapOutboundIn(data), buffer.readableBytes == 0
        else {
            context.write(data, promise: promise)
            return
        }
        announced = nil
        sending = transfer
        promise?.succeed()
        sendSlice()
    }

    private func sendSlice() {
        guard var transfer = sending, let encoder else { return }
        guard !transfer.range.isEmpty else {
            sending = nil
            transfer.promise?.succeed()
            return
        }
        let count = min(Int64(slice), transfer.range.upperBound - transfer.range.lowerBound)
        let end = transfer.range.lowerBound + count
        let region = FileRegion(
            fileHandle: transfer.file.handle, readerIndex: Int(transfer.range.lowerBound), endIndex: Int(end))
        transfer.range = end..<transfer.range.upperBound
        sending = transfer

        let start = NIODeadline.now()
        let written = encoder.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                let isFast = NIODeadline.now() - start < Self.fast
                self.slice = isFast ? min(self.slice * 2, Self.slices.upperBound) : Self.slices.lowerBound
                self.sendSlice()
            case .failure(let error):
                let failed = self.sending
                self.sending = nil
                failed?.promise?.fail(error)
            }
        }
        encoder.writeAndFlush(NIOAny(HTTPServerResponsePart.body(.fileRegion(region))), promise: written)
    }
}
