import Foundation
import Synchronization
import Testing

@testable import Mongo

@Suite struct WorkerThreadsTests {
    @Test func `finishing waits for every job that was taken`() async {
        let threads = WorkerThreads(name: "test", count: 3, limit: 1000)
        let done = Mutex(0)
        for _ in 0..<500 {
            #expect(threads.submit { done.withLock { $0 += 1 } })
        }
        await threads.finish()
        #expect(done.withLock { $0 } == 500)
        #expect(!threads.submit {})
        await threads.finish()
    }

    @Test func `too many waiting jobs are refused`() async {
        let threads = WorkerThreads(name: "test", count: 1, limit: 2)
        let gate = DispatchSemaphore(value: 0)
        await withCheckedContinuation { started in
            #expect(
                threads.submit {
                    started.resume()
                    gate.wait()
                })
        }
        #expect(threads.submit {} && threads.submit {} && !threads.submit {})
        gate.signal()
        await threads.finish()
    }
}
