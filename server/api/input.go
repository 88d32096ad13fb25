package api

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"parallax/server/resource"
)

// bodyMost is how long a request's body may be.
const bodyMost = 1 << 20

// readBody reads a request's body. It is read before a slot is taken, so that clients that send
// slowly do not keep others out.
func readBody(r *http.Request, most int64) ([]byte, error) {
	errTooLarge := resource.NewProblem(http.StatusRequestEntityTooLarge, "body too large", fmt.Sprintf("the body has more than %d bytes", most), "send a smaller one")
	if r.ContentLength > most {
		return nil, errTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	switch {
	case err != nil:
		return nil, badRequest("body not read", "the body ended early, or was sent too slowly", "send it again")
	case int64(len(body)) > most:
		return nil, errTooLarge
	}
	return body, nil
}

// want returns an error if the body is of another media type.
func (r *request) want(types ...string) error {
	header := r.Header.Get("Content-Type")
	got, _, err := mime.ParseMediaType(header)
	if err != nil || !slices.Contains(types, got) {
		return resource.NewProblem(http.StatusUnsupportedMediaType, "unsupported media type", "the body is of the type "+short(header),
			"set the header Content-Type: "+types[0])
	}
	return nil
}

// read reads the body as one JSON object.
func (r *request) read(into any) error {
	if err := r.want("application/json"); err != nil {
		return err
	}
	if err := readObject(r.body, into); err != nil {
		return badRequest("invalid JSON", err.Error(), "send one JSON object with the fields that /v1/openapi.json describes")
	}
	return nil
}

// parseQuery parses a request's query, which URL.Query does without its errors.
func parseQuery(r *http.Request) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("invalid query", "the query cannot be read: "+err.Error(), "escape it as in a form")
	}
	return values, nil
}

// text is a parameter of the query, "" if there is none.
func (r *request) text(name string) (string, error) {
	v := r.URL.Query().Get(name)
	const most = 200
	if len(v) > most || !utf8.ValidString(v) {
		return "", badRequest("invalid parameter", fmt.Sprintf("%s: %s is too long, or not text", name, short(v)), "use what an answer before had")
	}
	return v, nil
}

// dryRun is the parameter by which nothing changes.
var dryRun = []string{"dry_run"}

// isDryRun reads ?dry_run, ?dry_run=true and ?dry_run=false.
func (r *request) isDryRun() (bool, error) {
	q := r.URL.Query()
	if !q.Has("dry_run") {
		return false, nil
	}
	switch v := q.Get("dry_run"); v {
	case "", "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, badRequest("invalid parameter", "dry_run: "+short(v)+" is neither true nor false", "use ?dry_run")
	}
}

const (
	// itemsDefault and itemsMost are how many items a part of a list has.
	itemsDefault = 100
	itemsMost    = 1000
)

// limit reads ?limit.
func (r *request) limit() (int, error) {
	v := r.URL.Query().Get("limit")
	if !r.URL.Query().Has("limit") {
		return itemsDefault, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > itemsMost || strconv.Itoa(n) != v {
		return 0, badRequest("invalid parameter", "limit: "+short(v)+fmt.Sprintf(" is not a number from 1 to %d", itemsMost), "leave it out for the default")
	}
	return n, nil
}
