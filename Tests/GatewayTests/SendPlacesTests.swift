import Testing

@testable import Gateway

@Suite struct SendPlacesTests {
    @Test func `the first one asks, and the others wait for its answer`() {
        var places = SendPlaces(perSecond: 200)
        #expect(places.take(at: 0) == .ask(1))
        #expect((0..<20).allSatisfy { _ in places.take(at: 0) == .wait(5) })
        places.receive(1, at: 0)
        #expect(places.take(at: 0) == .ask(10), "as many as were wanted, up to a twentieth of a second's")
        places.receive(10, at: 0)
        #expect((0..<9).allSatisfy { _ in places.take(at: 1) == .taken })
        #expect(places.take(at: 1) == .ask(1))
    }

    @Test func `what the database asked to wait for is waited for without asking again`() {
        var places = SendPlaces(perSecond: 200)
        #expect(places.take(at: 0) == .ask(1))
        places.wait(40, at: 0)
        #expect(places.take(at: 10) == .wait(30))
        #expect(places.take(at: 40) == .ask(2))
    }

    @Test func `places are not saved up, and one that was not used goes to the next`() {
        var places = SendPlaces(perSecond: 200)
        #expect(places.take(at: 0) == .ask(1))
        places.receive(5, at: 0)
        places.giveBack()
        #expect((0..<5).allSatisfy { _ in places.take(at: 250) == .taken })
        #expect(places.take(at: 250) == .ask(1))
        places.receive(5, at: 250)
        #expect(places.take(at: 501) == .ask(1), "a quarter of a second later they are gone")
    }

    @Test func `a database that did not answer is asked again`() {
        var places = SendPlaces(perSecond: 200)
        #expect(places.take(at: 0) == .ask(1))
        places.fail()
        #expect(places.take(at: 0) == .ask(1))
    }

    @Test func `a clock that is set back leaves nobody waiting for hours`() {
        var places = SendPlaces(perSecond: 1)
        #expect(places.take(at: 10_000_000) == .ask(1))
        places.wait(900, at: 10_000_000)
        #expect(places.take(at: 1000) == .ask(1))
    }
}
