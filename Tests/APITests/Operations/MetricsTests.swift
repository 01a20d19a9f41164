import Foundation
import HTTP
import Jobs
import Support
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

    @Test func `The dashboard and the alert rules ask for metrics that there are, with labels that they have`() async throws {
        try await withTestAPI { api in
            let requests = RequestMeter()
            requests.note("GET", "/healthz", status: 200, took: .zero)
            _ = await api.jobs.turn(of: .expiry)
            let metrics = MetricsRoute(
                requests: requests, jobs: api.jobs, server: { ServerGauges(connections: 1, inFlight: 1, bufferedBytes: 1) },
                deliveries: { DeliveryCounts() }, version: "1.2.3")
            let text = metrics.text
            let there = Set(text.matches(of: #/# TYPE (\w+)/#).map { String($0.1) })
            for file in ["docker/grafana-dashboard.json", "docker/alerts.yaml"] {
                let asked = try String(contentsOf: repositoryFile(file), encoding: .utf8)
                let series = asked.matches(of: /shopmeter_[a-z_]+[a-z]/).map { String($0.0) }
                let names = Set(series.map { $0.replacing(/_(bucket|count|sum)$/, with: "") })
                #expect(names.count > 5 && names.subtracting(there) == [], "\(file)")
            }
            let dashboard = try String(contentsOf: repositoryFile("docker/grafana-dashboard.json"), encoding: .utf8)
            #expect(there.filter { !dashboard.contains($0) } == [], "each is shown")
        }
    }
}
