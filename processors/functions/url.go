package functions

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"parallax/processors/row"
)

// urlFunctions take URLs apart, by RFC 3986. What is no URL has no parts: NULL.
var urlFunctions = []Function{
	{
		Name: "URL_ENCODE_PARAM", Signatures: onString,
		Eval: text(func(s string) string { return formEscapes.Replace(url.QueryEscape(s)) }),
		Doc:  "The text as it stands in a query string, a blank being a +.", Example: "URL_ENCODE_PARAM('url encoded') = 'url+encoded'",
	},
	{
		Name: "URL_DECODE_PARAM", Signatures: onString,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			s, err := url.QueryUnescape(a[0].Str())
			return orArgument(row.NewString(strings.ToValidUTF8(s, string(utf8.RuneError))), err == nil)
		},
		Doc: "What a text in a query string says.", Example: "URL_DECODE_PARAM('url%20encoded') = 'url encoded'",
	},
	urlPart("URL_EXTRACT_PROTOCOL", "The URL's scheme.", "URL_EXTRACT_PROTOCOL('http://test.com?a=foo') = 'http'",
		func(u *urlParts) row.Value { return u.scheme }),
	urlPart("URL_EXTRACT_HOST", "The URL's host.", "URL_EXTRACT_HOST('http://test.com:8080/path') = 'test.com'",
		func(u *urlParts) row.Value { return u.host }),
	{
		Name: "URL_EXTRACT_PORT", Signatures: []string{"url STRING -> INT"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return parseURL(a[0].Str()).port, nil },
		Doc:  "The port that the URL names.", Example: "URL_EXTRACT_PORT('http://localhost:8080/path') = 8080",
	},
	urlPart("URL_EXTRACT_PATH", "The URL's path, decoded.", "URL_EXTRACT_PATH('http://test.com/path/to#a') = '/path/to'",
		func(u *urlParts) row.Value { return u.path }),
	urlPart("URL_EXTRACT_QUERY", "The URL's query string, decoded.", "URL_EXTRACT_QUERY('http://test.com?a=foo%20bar&b=baz') = 'a=foo bar&b=baz'",
		func(u *urlParts) row.Value { return u.query }),
	urlPart("URL_EXTRACT_FRAGMENT", "What is behind the URL's #, decoded.", "URL_EXTRACT_FRAGMENT('http://test.com#frag%20space') = 'frag space'",
		func(u *urlParts) row.Value { return u.fragment }),
	{
		Name: "URL_EXTRACT_PARAMETER", Signatures: []string{"url STRING, name STRING -> STRING"}, Eval: urlParameter,
		Doc: "A parameter of the URL's query string, decoded; NULL where it has no value.", Example: "URL_EXTRACT_PARAMETER('http://test.com?a%20b=c%20d', 'a b') = 'c d'",
	},
}

func urlPart(name, doc, example string, part func(*urlParts) row.Value) Function {
	return Function{
		Name: name, Signatures: []string{"url STRING -> STRING"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) { return part(parseURL(a[0].Str())), nil },
		Doc:  doc, Example: example,
	}
}

// formEscapes are the two characters in which application/x-www-form-urlencoded
// is not what net/url makes.
var formEscapes = strings.NewReplacer("~", "%7E", "%2A", "*")

// urlParts are NULL where the URL has no such part.
type urlParts struct{ scheme, host, port, path, query, fragment row.Value }

var (
	urlSyntax    = regexp.MustCompile(`^(?:([^:/?#]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$`)
	schemeSyntax = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
)

func parseURL(s string) *urlParts {
	u := &urlParts{}
	m := urlSyntax.FindStringSubmatchIndex(s)
	if m == nil || !isURLText(s) {
		return u
	}
	part := func(i int) (string, bool) {
		if m[2*i] < 0 {
			return "", false
		}
		return s[m[2*i]:m[2*i+1]], true
	}
	scheme, absolute := part(1)
	authority, _ := part(2)
	path, _ := part(3)
	query, hasQuery := part(4)
	fragment, hasFragment := part(5)
	opaque := absolute && m[2*2] < 0 && !strings.HasPrefix(path, "/")
	switch {
	case absolute && !schemeSyntax.MatchString(scheme),
		opaque && path == "",
		m[2*2] >= 0 && authority == "" && path == "":
		return u
	}
	if absolute {
		u.scheme = row.NewString(scheme)
	}
	if hasFragment {
		u.fragment = decoded(fragment)
	}
	if opaque { // mailto:me@home
		return u
	}
	u.path = decoded(path)
	if hasQuery {
		u.query = decoded(query)
	}
	u.host, u.port = hostAndPort(authority)
	return u
}

// hostAndPort takes [user@]host[:port] apart.
func hostAndPort(authority string) (host, port row.Value) {
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	name := authority
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		name = authority[:i]
		if n, err := strconv.ParseInt(authority[i+1:], 10, 32); err == nil && n >= 0 {
			port = row.NewInt(n)
		}
	}
	if name != "" {
		host = row.NewString(name)
	}
	return host, port
}

// isURLText reports whether all characters may stand in a URL. Those beyond
// ASCII may, as in Java, unless they are white space or control characters.
func isURLText(s string) bool {
	for i, r := range s {
		switch {
		case r == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case r <= ' ' || strings.ContainsRune("\"<>\\^`{|}\u007f", r), r == utf8.RuneError,
			r >= utf8.RuneSelf && (unicode.IsSpace(r) || unicode.IsControl(r)):
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func decoded(s string) row.Value {
	out, err := url.PathUnescape(s)
	if err != nil {
		return row.Value{}
	}
	return row.NewString(strings.ToValidUTF8(out, string(utf8.RuneError)))
}

func urlParameter(a []row.Value, _ row.Type) (row.Value, error) {
	query := parseURL(a[0].Str()).query
	for rest, more := query.Str(), !query.IsNull(); more; {
		var p string
		p, rest, more = strings.Cut(rest, "&")
		if name, value, has := strings.Cut(p, "="); has && name == a[1].Str() {
			return row.NewString(value), nil
		}
	}
	return row.Value{}, nil
}
