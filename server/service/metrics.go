package service

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"parallax/server/resource"
	"parallax/shadow/metrics"
)

// states are all states of a job, for the metric that has one sample for each.
var states = []resource.State{resource.Starting, resource.Waiting, resource.Running, resource.Paused, resource.Draining, resource.Stopped, resource.Failed}

// Docs describes the metrics of the job server itself; those of its jobs are job.MetricDocs.
func Docs() []metrics.Doc { return slices.Clone(serverMetrics) }

var serverMetrics = []metrics.Doc{
	{Name: "parallax_job_state", Kind: metrics.Gauge, Labels: []string{"job", "state"}, Help: "1 for the state that the job is in, 0 for the others."},
	{Name: "parallax_job_restarts", Kind: metrics.Gauge, Labels: []string{"job"}, Help: "How often the job server restarted the job after a failure in the last hour."},
	{Name: "parallax_job_file_refused", Kind: metrics.Gauge, Labels: []string{"job"}, Help: "1 if the job's changed file is not in force, else 0."},
	{Name: "parallax_job_files_refused", Kind: metrics.Gauge, Help: "Job files of which there is no job, because they cannot be used."},
}

// Metrics writes the metrics of all jobs, each with the label job.
func (s *Service) Metrics(w io.Writer) {
	var all metrics.Merged
	for _, st := range s.host.Jobs() {
		var page bytes.Buffer
		described := func(i int) {
			fmt.Fprintf(&page, "# HELP %s %s\n# TYPE %s %s\n", serverMetrics[i].Name, serverMetrics[i].Help, serverMetrics[i].Name, serverMetrics[i].Kind)
		}
		described(0)
		for _, state := range states {
			fmt.Fprintf(&page, "%s{state=%q} %d\n", serverMetrics[0].Name, string(state), number(st.State == state))
		}
		described(1)
		fmt.Fprintf(&page, "%s %d\n", serverMetrics[1].Name, st.Restarts)
		described(2)
		fmt.Fprintf(&page, "%s %d\n", serverMetrics[2].Name, number(st.FileError != ""))
		if r, ok := st.Run.(*run); ok {
			r.WriteMetrics(&page)
		}
		all.Add(st.Name, page.Bytes())
	}
	all.Write(w)
	d := serverMetrics[3]
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n%s %d\n", d.Name, d.Help, d.Name, d.Kind, d.Name, len(s.host.RefusedFiles()))
}

func number(is bool) int {
	if is {
		return 1
	}
	return 0
}
