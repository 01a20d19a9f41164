import Metrics
import Testing

struct ExpositionTests {
    @Test func `A counter has a line for each of its samples`() {
        var exposition = Exposition()
        exposition.counter(
            "requests_total", "Requests.\nAll.", [(["route": "/a", "status": "200"], 3), (["route": "q\"\\\n", "status": "404"], 1)])
        #expect(
            exposition.text == """
                # HELP requests_total Requests.\\nAll.
                # TYPE requests_total counter
                requests_total{route="/a",status="200"} 3
                requests_total{route="q\\"\\\\\\n",status="404"} 1

                """)
    }

    @Test func `A gauge is written without a point where it is whole`() {
        var exposition = Exposition()
        exposition.gauge("open", "Open.", 12)
        exposition.gauge("age_seconds", "Age.", [(["job": "a"], 0.5)])
        #expect(exposition.text.contains("open 12\n"))
        #expect(exposition.text.contains("age_seconds{job=\"a\"} 0.5\n"))
    }

    @Test func `A histogram's buckets count all values up to their bound`() {
        var seconds = Distribution(bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 1, 7] { seconds.add(value) }
        var exposition = Exposition()
        exposition.histogram("took_seconds", "Took.", [(["route": "r"], seconds)])
        #expect(
            exposition.text == """
                # HELP took_seconds Took.
                # TYPE took_seconds histogram
                took_seconds_bucket{route="r",le="0.1"} 2
                took_seconds_bucket{route="r",le="1"} 4
                took_seconds_bucket{route="r",le="+Inf"} 5
                took_seconds_sum{route="r"} 8.65
                took_seconds_count{route="r"} 5

                """)
    }

    @Test func `A duration counts in seconds`() {
        var seconds = Distribution.seconds
        seconds.add(.milliseconds(3))
        #expect(seconds.sum == 0.003)
        #expect(seconds.buckets[2] == 1)
    }
}
