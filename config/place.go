package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"parallax/processors/sql"
)

// place is where a key stands in a job file.
type place struct{ line, column int }

// places knows where each key of a job file stands.
type places struct {
	path  string
	byKey map[string]place
	order []string
}

// locate parses a job file for the places of its keys.
func locate(path string, text []byte) (*places, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: not a job file: its top level is not a mapping of keys", path)
	}
	p := &places{path: path, byKey: map[string]place{}}
	return p, p.walk(doc.Content[0], "")
}

func (p *places) walk(n *yaml.Node, prefix string) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := prefix + key.Value
		if _, twice := p.byKey[name]; twice {
			return fmt.Errorf("%s:%d:%d: key %s is given twice", p.path, key.Line, key.Column, name)
		}
		p.byKey[name] = place{key.Line, key.Column}
		p.order = append(p.order, name)
		if value.Kind == yaml.MappingNode {
			if err := p.walk(value, name+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// refuseUnknown names each key that there is not, with the nearest that there
// is.
func (p *places) refuseUnknown(known []string) error {
	var all error
	for _, key := range p.order {
		parent, _, _ := cutLast(key)
		if slices.Contains(known, key) || parent != "" && !slices.Contains(known, parent) {
			continue // an unknown parent has been named already
		}
		at := p.byKey[key]
		err := fmt.Errorf("%s:%d:%d: unknown key %s", p.path, at.line, at.column, key)
		if near := sql.Nearest(key, known); near != "" {
			err = fmt.Errorf("%w; did you mean %s?", err, near)
		}
		all = errors.Join(all, err)
	}
	return all
}

func cutLast(key string) (parent, last string, ok bool) {
	i := strings.LastIndexByte(key, '.')
	if i < 0 {
		return "", key, false
	}
	return key[:i], key[i+1:], true
}

// quotedKey finds the key in the decoder's own messages: 'kafka.batch' cannot
// parse ....
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
