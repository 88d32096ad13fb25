package api

import (
	"slices"
	"strings"

	"parallax/server/resource"
)

func getVerdict(r *request) (*answer, error) { return result(r.service.Verdict(r.Context(), r.job)) }

func getDetails(r *request) (*answer, error) { return result(r.service.Details(r.Context(), r.job)) }
func getLedger(r *request) (*answer, error)  { return result(r.service.Ledger(r.Context(), r.job)) }

func getConfig(r *request) (*answer, error) { return all(r.service.Config(r.Context(), r.job)) }

func getDivergences(r *request) (*answer, error) {
	q, err := divergenceQuery(r)
	if err != nil {
		return nil, err
	}
	p, err := r.service.Divergences(r.Context(), r.job, q)
	return result(page(p.Items, p.Next), err)
}

func divergenceQuery(r *request) (q resource.DivergenceQuery, err error) {
	if q.Limit, err = r.limit(); err != nil {
		return q, err
	}
	if q.After, err = r.text("after"); err != nil {
		return q, err
	}
	q.Signature, err = r.text("signature")
	return q, err
}

func getSignatures(r *request) (*answer, error) {
	list, err := r.service.Signatures(r.Context(), r.job)
	return part(r, list, err, func(s resource.Signature) string { return s.ID })
}

func getColumns(r *request) (*answer, error) {
	list, err := r.service.Columns(r.Context(), r.job)
	return part(r, list, err, func(c resource.Column) string { return c.Topic + "." + c.Name })
}

func getHistory(r *request) (*answer, error) {
	list, err := r.service.History(r.Context(), r.job)
	return part(r, list, err, func(h resource.HistoryEntry) string { return h.ID })
}

func getReports(r *request) (*answer, error) {
	list, err := r.service.Reports(r.Context(), r.job)
	return part(r, list, err, func(p resource.Report) string { return p.ID })
}

// reportPolicy is the Content-Security-Policy of a report: a file that runs and loads nothing.
const reportPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

// reportTypes are the media types of the formats of reports.
var reportTypes = map[string]string{
	"html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8", "json": "application/json",
	"text": "text/plain; charset=utf-8", "junit": "application/xml",
}

func getReport(r *request) (*answer, error) {
	format, err := r.text("format")
	if err != nil {
		return nil, err
	}
	if format == "" {
		format = "html"
	}
	mediaType, known := reportTypes[format]
	if !known {
		return nil, badRequest("invalid parameter", "format: "+short(format)+" is not a format of reports", "the formats are "+strings.Join(formats(), ", "))
	}
	text, err := r.service.Report(r.Context(), r.job, r.PathValue("id"), format)
	if err != nil {
		return nil, err
	}
	return &answer{raw: text, contentType: mediaType, policy: reportPolicy}, nil
}

func formats() []string {
	var names []string
	for name := range reportTypes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// getAudit answers the audit of a job, or of all.
func getAudit(r *request) (*answer, error) {
	limit, err := r.limit()
	if err != nil {
		return nil, err
	}
	after, err := r.text("after")
	if err != nil {
		return nil, err
	}
	p, err := r.service.Audit(r.Context(), r.job, after, limit)
	return result(page(p.Items, p.Next), err)
}
