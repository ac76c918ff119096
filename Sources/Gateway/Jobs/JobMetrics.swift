/// What the job runner counts.
struct JobMetrics: Sendable {
    let metrics: Metrics

    func count(_ kind: Job.Kind, _ outcome: String, _ time: Duration) {
        metrics.counter(
            "vestibule_jobs_total", help: "Runs of jobs, by how they ended.",
            labels: ["kind": kind.rawValue, "outcome": outcome]
        ).increment()
        metrics.histogram(
            "vestibule_job_seconds", help: "Time of a run of a job.", labels: ["kind": kind.rawValue]
        ).observe(time)
    }
}
