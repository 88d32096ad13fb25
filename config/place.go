package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"parallax/processors/sql"
)

// place is the position of a key in a job file.
type place struct{ line, column int }

// places holds the position of each key of a job file.
type places struct {
	path  string
	byKey map[string]place
	order []string
	root  *yaml.Node
}

// locate parses a job file for the places of its keys.
func locate(path string, text []byte) (*places, error) {
	var doc, second yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	if err := documents.Decode(&doc); err != nil {
		return nil, plainYAML(path, text, err)
	}
	switch err := documents.Decode(&second); {
	case err == nil:
		return nil, fmt.Errorf("%s:%d:%d: a second YAML document begins here; a job file must be one document", path, second.Line, second.Column)
	case !errors.Is(err, io.EOF):
		return nil, plainYAML(path, text, err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: not a job file, nor one of rules: its top level must be keys with values, such as job and rules", path)
	}
	p := &places{path: path, byKey: map[string]place{}, root: doc.Content[0]}
	return p, p.walk(doc.Content[0], "", 1)
}

// deepest is how deep keys may be nested: more than any of a job file are.
const deepest = 20

func (p *places) walk(n *yaml.Node, prefix string, depth int) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		for value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if strings.Contains(key.Value, ".") {
			in := ""
			if prefix != "" {
				in = " in " + strings.TrimSuffix(prefix, ".")
			}
			parts := strings.Split(key.Value, ".")
			return fmt.Errorf("%s:%d:%d: key %.100s%s has a point in it; write it nested, as %.200s: ...%s",
				p.path, key.Line, key.Column, key.Value, in, strings.Join(parts, ": {"), strings.Repeat("}", min(len(parts)-1, deepest)))
		}
		name := prefix + key.Value
		if _, twice := p.byKey[name]; twice {
			return fmt.Errorf("%s:%d:%d: key %s is given twice", p.path, key.Line, key.Column, name)
		}
		p.byKey[name] = place{key.Line, key.Column}
		p.order = append(p.order, name)
		if value.Kind == yaml.MappingNode {
			if depth == deepest {
				return fmt.Errorf("%s:%d:%d: keys are nested more than %d levels deep; a job file needs fewer", p.path, key.Line, key.Column, deepest)
			}
			if err := p.walk(value, name+".", depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// value returns the value of a key at the top of the file, nil where it is not
// there.
func (p *places) value(key string) *yaml.Node {
	for i := 0; i+1 < len(p.root.Content); i += 2 {
		if p.root.Content[i].Value == key {
			return p.root.Content[i+1]
		}
	}
	return nil
}

// switchOff reads `section: off` as a section whose key is false. It reports whether it is
// so.
func (p *places) switchOff(section, key string) bool {
	n := p.value(section)
	if n == nil || n.Kind != yaml.ScalarNode || n.Value != "off" && (n.ShortTag() != "!!bool" || n.Value != "false") {
		return false
	}
	at := *n
	*n = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.Line, Column: at.Column, Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: at.Line, Column: at.Column},
		{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false", Line: at.Line, Column: at.Column},
	}}
	name := section + "." + key
	p.byKey[name] = place{at.Line, at.Column}
	p.order = append(p.order, name)
	return true
}

// Point puts the place of the key that an error begins with before it.
func (l *Loaded) Point(err error) error { return l.places.point(err) }

// refuseUnknown returns an error for each unknown key, with the most similar known key.
func (p *places) refuseUnknown(known []string) error {
	isKnown := map[string]bool{}
	for _, key := range known {
		isKnown[key] = true
	}
	var all problems
	for _, key := range p.order {
		parent, _, _ := cutLast(key)
		at := p.byKey[key]
		if why, ok := unsupported[key]; ok {
			all.add(fmt.Errorf("%s:%d:%d: %s: %s", p.path, at.line, at.column, key, why))
			continue
		}
		if isKnown[key] || parent != "" && !isKnown[parent] {
			continue // an unknown parent has been named already
		}
		all.add(&unknownKey{fmt.Sprintf("%s:%d:%d: ", p.path, at.line, at.column), key, key, known})
	}
	return all.err()
}

// unknownKey is the error for an unknown key. The most similar known key is searched only
// when the error is printed.
type unknownKey struct {
	at, shown, key string
	known          []string
}

func (e *unknownKey) Error() string {
	const longest = 100 // a longer key is not a misspelled one
	if len(e.key) > longest {
		return fmt.Sprintf("%sunknown key %.*s..., of %d bytes", e.at, longest, e.shown, len(e.shown))
	}
	text := e.at + "unknown key " + e.shown
	if near := sql.Nearest(e.key, e.known); near != "" {
		text += "; did you mean " + near + "?"
	}
	return text
}

// unsupported are keys of the file format that this version does not implement, with the
// alternative. They are refused, because a key without effect is never ignored.
var unsupported = map[string]string{
	"job_server.max_jobs": "this version does not limit the number of jobs; remove it",
}

func cutLast(key string) (parent, last string, ok bool) {
	i := strings.LastIndexByte(key, '.')
	if i < 0 {
		return "", key, false
	}
	return key[:i], key[i+1:], true
}

// quotedKey finds the key in the decoder's messages: 'kafka.batch' cannot parse ....
var quotedKey = regexp.MustCompile(`'([a-z0-9_.]+)'`)

// point puts the place of the key that an error begins with before it.
func (p *places) point(err error) error {
	text := err.Error()
	key, _, _ := strings.Cut(text, ":")
	if m := quotedKey.FindStringSubmatch(text); m != nil {
		key = m[1]
	}
	for key = strings.TrimSpace(key); key != ""; key, _, _ = cutLast(key) {
		if at, ok := p.byKey[key]; ok {
			return fmt.Errorf("%s:%d:%d: %w", p.path, at.line, at.column, err)
		}
	}
	return fmt.Errorf("%s: %w", p.path, err)
}
