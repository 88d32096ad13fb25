package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"parallax/processors/row"
)

// node is a JSON value whose fields keep their order and whose numbers keep their text.
type node struct {
	kind nodeKind
	// text is the JSON text of a scalar.
	text  string
	names []string // of an object's children
	child []*node
}

type nodeKind uint8

const (
	scalar nodeKind = iota
	array
	object
)

// parseNode reads one JSON value; false if the text is anything else.
func parseNode(text []byte) (*node, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	n, err := readNode(d)
	if err != nil {
		return nil, false
	}
	_, err = d.Token()
	return n, errors.Is(err, io.EOF)
}

func readNode(d *json.Decoder) (*node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		n := &node{kind: array}
		if t == '{' {
			n.kind = object
		}
		for d.More() {
			if n.kind == object {
				name, err := d.Token()
				if err != nil {
					return nil, err
				}
				text, _ := name.(string) // in an object every second token is a name
				n.names = append(n.names, text)
			}
			c, err := readNode(d)
			if err != nil {
				return nil, err
			}
			n.child = append(n.child, c)
		}
		_, err := d.Token()
		return n, err
	case string:
		return &node{text: string(row.AppendJSONString(nil, t))}, nil
	case json.Number:
		return &node{text: t.String()}, nil
	case bool:
		return &node{text: strconv.FormatBool(t)}, nil
	}
	return &node{text: "null"}, nil
}

// append writes the value.
func (n *node) append(dst []byte) []byte {
	switch n.kind {
	case scalar:
		return append(dst, n.text...)
	case array:
		dst = append(dst, '[')
	default:
		dst = append(dst, '{')
	}
	for i, c := range n.child {
		if i > 0 {
			dst = append(dst, ',')
		}
		if n.kind == object {
			dst = append(row.AppendJSONString(dst, n.names[i]), ':')
		}
		dst = c.append(dst)
	}
	if n.kind == array {
		return append(dst, ']')
	}
	return append(dst, '}')
}

// rewrite returns a copy in which f has replaced each value at a path; f returns nil to leave
// the value out. Elements of an array have the path of the array with [].
func (n *node) rewrite(path string, f func(path string, n *node) *node) *node {
	n = f(path, n)
	if n == nil || n.kind == scalar {
		return n
	}
	c := &node{kind: n.kind}
	for i, child := range n.child {
		at := path + "[]"
		if n.kind == object {
			at = strings.TrimPrefix(path+"."+n.names[i], ".")
		}
		if child = child.rewrite(at, f); child != nil {
			c.child = append(c.child, child)
			if n.kind == object {
				c.names = append(c.names, n.names[i])
			}
		}
	}
	return c
}

// simpler returns scalars that are shorter than a scalar, the simplest first.
func simpler(text string) (list []string) {
	add := func(s string) {
		if len(s) < len(text) && json.Valid([]byte(s)) {
			list = append(list, s)
		}
	}
	switch {
	case strings.HasPrefix(text, `"`):
		var s string
		if json.Unmarshal([]byte(text), &s) != nil {
			return nil
		}
		quote := func(s string) string { return string(row.AppendJSONString(nil, s)) }
		add(`""`)
		add(`"a"`)
		if letters := []rune(s); len(letters) > 2 {
			add(quote(string(letters[:len(letters)/2])))
			add(quote(string(letters[len(letters)/2:])))
			add(quote(string(letters[:len(letters)-1])))
		}
	case text == "null", text == "true", text == "false":
	default:
		add("0")
		add("1")
		if i := strings.IndexByte(text, '.'); i > 0 {
			add(text[:i])
			add(strings.TrimRight(text[:len(text)-1], "."))
			break
		}
		if len(text) > 2 && !strings.ContainsAny(text, "eE") {
			add(text[:len(text)/2])
			add(text[:len(text)-1])
		}
	}
	return list
}
