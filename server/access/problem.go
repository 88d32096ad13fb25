package access

import (
	"encoding/json"
	"net/http"

	"parallax/server/resource"
)

// WriteProblem answers a request with a problem document.
func WriteProblem(w http.ResponseWriter, r *http.Request, p *resource.Problem) {
	shown := *p // p may be shared
	if shown.Type == "" {
		shown.Type = "about:blank"
	}
	if shown.Status < 400 || shown.Status > 599 {
		shown.Status = http.StatusInternalServerError
	}
	shown.Instance = r.URL.EscapedPath()
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if shown.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="parallax"`)
	}
	if shown.Status == http.StatusTooManyRequests || shown.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(shown.Status)
	_ = json.NewEncoder(w).Encode(shown) // an error means that the client has disconnected
}
