package dashboard

import (
	"html/template"
	"net/http"
	"net/url"
)

// indexPage is the page at /.
var indexPage = template.Must(template.New("index").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Parallax: {{.Job}}</title>
<style>body{font-family:sans-serif;max-width:44em;margin:2em auto;padding:0 1em;line-height:1.5}td{padding:.2em 1em .2em 0;vertical-align:top}</style></head>
<body>
<h1>Parallax: job {{.Job}}</h1>
<p>{{if .Waiting}}The job does not process records yet: {{.Waiting}}.{{else}}The job processes records.{{end}}</p>
<table>
{{range .Links}}<tr><td>{{if .Method}}{{.Method}} <code>{{.Path}}</code>{{else}}<a href="{{.Path}}">{{.Path}}</a>{{end}}</td><td>{{.What}}</td></tr>
{{end}}</table>
</body>
</html>
`))

// link is a path of the server; Method is "" if a browser can open it.
type link struct{ Method, Path, What string }

// index lists the server's paths.
func index(s Sources, profiles bool) http.HandlerFunc {
	links := []link{
		{"", "/metrics", "the run's figures for Prometheus: records, divergences, lag, V2's state"},
		{"", "/healthz", "answers ok while the process runs"},
		{"", "/readyz", "answers ready once the job processes records, else status 503 and the reason"},
	}
	if s.Verdict != nil {
		links = append(links,
			link{"", "/v1/gate?job=" + url.QueryEscape(s.Job), "the verdict for rollout controllers, as JSON"},
			link{"POST", "/v1/flagger/confirm-promotion", "webhook of Flagger: status 200 if the verdict is pass"},
			link{"POST", "/v1/flagger/rollback", "webhook of Flagger: status 200 if the verdict is fail"})
	}
	if s.Rescale != nil {
		links = append(links, link{"POST", "/v2/rescale?partitions=N", "changes V2's number of partitions; from this machine only"})
	}
	if profiles {
		links = append(links, link{"", "/debug/pprof/", "Go's profiles, labelled path=v1, v2, diff or emit"})
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		page := struct {
			Job, Waiting string
			Links        []link
		}{Job: s.Job, Links: links}
		if err := s.Ready(); err != nil {
			page.Waiting = err.Error()
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = indexPage.Execute(w, page) // an error means that the client has disconnected
	}
}
