package page

import "net/url"

// address is a path below a job's page; its parts are escaped.
func address(job string, parts ...string) string {
	p := "/jobs/" + url.PathEscape(job)
	for _, part := range parts {
		p += "/" + url.PathEscape(part)
	}
	return p
}

// query is the query of an address, from names and values in turn.
func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}
