import Testing

@testable import Vestibule

@Suite struct BodyBudgetTests {
    @Test func `what would go beyond the budget is refused, and costs nothing`() throws {
        let budget = BodyBudget(limit: 10)
        try budget.take(6)
        try budget.take(4)
        let failure = #expect(throws: RequestFailure.self) { try budget.take(1) }
        #expect(failure?.status == .serviceUnavailable)
        budget.giveBack(6)
        try budget.take(6)
        #expect(throws: RequestFailure.self) { try budget.take(1) }
    }
}
