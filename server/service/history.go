package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parallax/reports/document"
	"parallax/reports/schedule"
	"parallax/reports/store"
	"parallax/reports/verdict"
	"parallax/server/jobs"
	"parallax/server/resource"
)

// mostHistory is how many verdicts and reports are listed.
const mostHistory = 500

// History returns the stored verdicts, the newest first.
func (s *Service) History(_ context.Context, name string) (list []resource.HistoryEntry, err error) {
	list = []resource.HistoryEntry{}
	st, err := s.find(name)
	if err != nil {
		return list, err
	}
	r, err := reader(st)
	if r == nil || err != nil {
		return list, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	rows, err := r.Verdicts()
	if err != nil {
		return list, err
	}
	slices.Reverse(rows)
	for _, row := range rows[:min(len(rows), mostHistory)] {
		var d verdict.Document
		if err := json.Unmarshal(row.Document, &d); err != nil {
			return list, fmt.Errorf("verdict %s: %w", row.ID, err)
		}
		list = append(list, resource.HistoryEntry{ID: row.ID, At: row.Made, Run: row.Run, Verdict: row.State, Reason: d.Reason})
	}
	return list, nil
}

// nowReport is the ID of the report on the last day until now, which is made when it is read.
const nowReport = "now"

var reportFormats = []string{"html", "md", "json", "text", "junit"}

// Reports returns the reports of the job, the newest first: the first one is on the last day
// until now.
func (s *Service) Reports(_ context.Context, name string) (list []resource.Report, err error) {
	list = []resource.Report{}
	st, err := s.find(name)
	if err != nil {
		return list, err
	}
	r, err := reader(st)
	if r == nil || err != nil {
		return list, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	rows, err := r.Reports()
	if err != nil {
		return list, err
	}
	at := now()
	list = append(list, resource.Report{ID: nowReport, From: at.Add(-24 * time.Hour), To: at, Verdict: string(s.view(name).current(st).verdict.Verdict), Formats: reportFormats})
	slices.Reverse(rows)
	for _, row := range rows[:min(len(rows), mostHistory)] {
		list = append(list, resource.Report{ID: document.ID(name, row.To), From: row.From, To: row.To, Verdict: row.State, Formats: formatsOf(st, document.ID(name, row.To))})
	}
	return list, nil
}

// formatsOf are the formats of a stored report: none if its files were deleted.
func formatsOf(st jobs.Status, id string) []string {
	if _, err := os.Stat(filepath.Join(st.Spec.Loaded.ReportsDir(), id+".json")); err != nil {
		return []string{}
	}
	return reportFormats
}

// Report returns a report in a format.
func (s *Service) Report(_ context.Context, name, id, format string) (io.ReadCloser, error) {
	st, err := s.find(name)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(reportFormats, format) {
		return nil, resource.NewProblem(http.StatusBadRequest, "No such format", fmt.Sprintf("%q is not a format of reports", format), "use one of "+strings.Join(reportFormats, ", "))
	}
	d, err := s.document(st, id)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	switch format {
	case "html":
		page, err := schedule.Page(d)
		if err != nil {
			return nil, err
		}
		b.Write(page)
	case "md":
		err = d.Markdown(&b)
	case "json":
		err = d.JSON(&b)
	case "junit":
		err = d.Verdict.JUnit(&b)
	default:
		err = d.Text(&b, nil)
	}
	return io.NopCloser(&b), err
}

// document makes the report on the last day, or reads a stored one. The id is compared with
// those in the store before it becomes part of a path.
func (s *Service) document(st jobs.Status, id string) (d *document.Document, err error) {
	unknown := resource.NewProblem(http.StatusNotFound, "No such report", fmt.Sprintf("job %s has no report %q", st.Name, id), "see the IDs in the list of the job's reports")
	r, err := reader(st)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, unknown
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if id == nowReport {
		run, err := s.view(st.Name).runOf(st)
		if err != nil {
			return nil, err
		}
		at := now()
		return run.reports.Load().Report(r, document.Window{From: at.Add(-24 * time.Hour), To: at, Zone: st.Spec.Loaded.Job.Reports.TimeZone}, at)
	}
	rows, err := r.Reports()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(rows, func(row store.ReportRow) bool { return document.ID(st.Name, row.To) == id }) {
		return nil, unknown
	}
	text, err := os.ReadFile(filepath.Join(st.Spec.Loaded.ReportsDir(), id+".json"))
	if err != nil {
		return nil, unknown
	}
	return document.Read(bytes.NewReader(text))
}
