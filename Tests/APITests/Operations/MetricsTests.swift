import HTTP
import Jobs
import Testing

@testable import API

struct MetricsTests {
    @Test func `Requests are counted by route and status, without the names of shops and users`() async throws {
        try await withTestAPI { api in
            _ = try await api.record("ada", "e1", 5)
            _ = try await api.record("ada", "e2", 5)
            _ = try await api.send(.get, "/v1/usage/ada")
            _ = try await api.send(.get, "/nowhere/ada")
            let metrics = try await api.send(.get, "/metrics", as: nil)
            #expect(metrics.status == 200)
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                #"shopmeter_build_info{version="1.2.3"} 1"#,
                #"shopmeter_http_requests_total{method="POST",route="/v1/usage",status="201"} 2"#,
                #"shopmeter_http_requests_total{method="GET",route="/v1/usage/{user_id}",status="200"} 1"#,
                #"shopmeter_http_requests_total{method="-",route="none",status="404"} 1"#,
                #"shopmeter_http_request_duration_seconds_count{method="POST",route="/v1/usage"} 2"#,
            ] {
                #expect(metrics.text.contains(line + "\n"), "\(metrics.text)")
            }
            #expect(!metrics.text.contains("ada") && !metrics.text.contains("acme"))
        }
    }

    @Test func `The turns of a job are counted by how they ended`() async throws {
        try await withTestAPI { api in
            _ = await api.jobs.turn(of: .expiry)
            let metrics = try await api.send(.get, "/metrics", as: nil)
            #expect(metrics.text.contains("shopmeter_job_turns_total{job=\"expiry\",ending=\"done\"} 1\n"))
            #expect(metrics.text.contains("shopmeter_job_last_done_timestamp_seconds{job=\"expiry\"} "))
            #expect(metrics.text.contains("shopmeter_job_stuck{job=\"rollover\"} 0\n"))
        }
    }
}
