import JSON
import Testing

@testable import WhatsApp

@Suite struct MetaErrorTests {
    @Test func `the forms of three generations are read alike`() {
        let nested = MetaError.parse(["code": 131026, "title": "T", "error_data": ["details": "D"]])
        let text = MetaError.parse(["code": 131026, "title": "T", "error_data": "D"])
        let flat = MetaError.parse(["code": "131026", "title": "T", "details": "D"])
        #expect(nested == MetaError(code: 131026, title: "T", details: "D"))
        #expect(text == nested)
        #expect(flat == nested)
    }

    @Test func `a reply's error is read inside or outside its envelope`() {
        let inner: JSON = [
            "message": "(#190) Token expired", "type": "OAuthException", "code": 190, "error_subcode": 463,
            "is_transient": false, "fbtrace_id": "Abc",
        ]
        let expected = MetaError(
            code: 190, subcode: 463, message: "(#190) Token expired", fbtraceID: "Abc", type: "OAuthException",
            isTransient: false, httpStatus: 401)
        #expect(MetaError.parse(inner, httpStatus: 401) == expected)
        #expect(MetaError.parse(["error": inner], httpStatus: 401) == expected)
        #expect(expected.summary == "(#190) Token expired")
    }

    @Test func `what is no object is no error`() {
        for json in [.null, 1, "text", [], [["code": 1]]] as [JSON] { #expect(MetaError.parse(json) == nil) }
        #expect(MetaError.parseList([1, ["code": 7], .null]) == [MetaError(code: 7)])
        #expect(MetaError.parseList(["code": 7]) == [MetaError(code: 7)])
        #expect(MetaError.parseList(nil) == [])
    }

    @Test func `absurd codes are none`() {
        for code in [1e300, "x", [:], "99999999999999999999", .null] as [JSON] {
            #expect(MetaError.parse(["code": code, "title": "T"]) == MetaError(title: "T"))
        }
    }

    @Test func `a summary says each thing once and stays short`() {
        let same = MetaError(code: 131051, title: "Unknown type", message: "Unknown type", details: "Not supported.")
        #expect(same.summary == "(#131051) Unknown type: Not supported.")
        #expect(MetaError().summary == "unknown error")
        #expect(MetaError(title: String(repeating: "a", count: 100_000)).summary.count == 1000)
    }
}
