package config

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// check compares a value of a job file with the type of its key, before anything is
// converted: a duration or size needs a unit, and a boolean, a fraction or a text is not a
// whole number. It returns one error for each value that does not fit, with its key and
// position.
//
// unit is the field's `unit` tag: "bytes" for a size.
func (p *places) check(n *yaml.Node, t reflect.Type, key, unit string) error {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	t = indirect(t)
	switch {
	case readsText(t) || t.Kind() != reflect.Struct && t.Kind() != reflect.Slice:
		if err := checkScalar(n, t, unit); err != nil {
			return p.at(n, fmt.Errorf("%s: %w", key, err))
		}
	case t.Kind() == reflect.Struct:
		return p.checkMapping(n, t, key)
	case n.Kind == yaml.SequenceNode:
		var all problems
		for i, item := range n.Content {
			all.add(p.check(item, t.Elem(), fmt.Sprintf("%s[%d]", key, i), unit))
		}
		return all.err()
	case t.Elem().Kind() != reflect.Struct: // one value instead of a list with one element
		return p.check(n, t.Elem(), key, unit)
	default:
		return p.at(n, fmt.Errorf("%s: must be a list", key))
	}
	return nil
}

// checkMapping checks the known keys of a mapping. Unknown keys at the top of a job file
// and in its sections are refused elsewhere; unknown keys of a list's elements are refused
// here.
func (p *places) checkMapping(n *yaml.Node, t reflect.Type, key string) error {
	if n.ShortTag() == "!!null" {
		return nil // a section without keys has its defaults
	}
	if n.Kind != yaml.MappingNode {
		return p.at(n, fmt.Errorf("%s: must be a mapping of keys", key))
	}
	fields := fieldsOf(t)
	known := slices.Sorted(maps.Keys(fields))
	isGiven := map[string]bool{}
	var all problems
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		inner := strings.TrimPrefix(key+"."+name, ".")
		f, ok := fields[name]
		isTwice := isGiven[name]
		isGiven[name] = true
		switch {
		case isTwice:
			all.add(p.at(n.Content[i], fmt.Errorf("key %s is given twice", inner)))
		case ok:
			all.add(p.check(value, f.Type, inner, f.Tag.Get("unit")))
		case strings.HasSuffix(key, "]"):
			all.add(&unknownKey{p.prefix(n.Content[i]), inner, name, known})
		}
	}
	return all.err()
}

// readOverride reads the value of an environment variable for a key, which may be anything
// that the job file could contain on one line. Numbers and booleans are read as YAML;
// values of other types, such as durations, stay text.
func readOverride(key, value string) (any, error) {
	field := reflect.StructField{Type: reflect.TypeFor[Job]()}
	for _, name := range strings.Split(key, ".") {
		field = fieldsOf(indirect(field.Type))[name]
	}
	t := indirect(field.Type)
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct || t.Kind() == reflect.Struct && !readsText(t) {
		return nil, fmt.Errorf("%s has keys of its own and can only be set in the job file", key)
	}
	var doc yaml.Node
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	if t.Kind() != reflect.String && yaml.Unmarshal([]byte(value), &doc) == nil && len(doc.Content) == 1 && doc.Content[0].Kind == yaml.ScalarNode {
		n.Tag = doc.Content[0].ShortTag()
	}
	unit := field.Tag.Get("unit")
	if err := new(places).check(n, t, key, unit); err != nil {
		return nil, err
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64:
		if readsText(t) || t == reflect.TypeFor[time.Duration]() || unit != "" {
			break
		}
		read := reflect.New(t)
		if err := n.Decode(read.Interface()); err != nil {
			return nil, fmt.Errorf("%s: %q cannot be read", key, value)
		}
		return read.Elem().Interface(), nil
	}
	return value, nil
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// at puts the place of a node before an error.
func (p *places) at(n *yaml.Node, err error) error {
	if n.Line == 0 { // not from a file
		return err
	}
	return fmt.Errorf("%s%w", p.prefix(n), err)
}

// prefix is a node's place, as errors begin with it.
func (p *places) prefix(n *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d: ", p.path, n.Line, n.Column)
}

// fieldsOf returns the fields of a configuration struct by key.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("koanf"), ",")
		switch {
		case option == "squash":
			for name, inner := range fieldsOf(f.Type) {
				fields[name] = inner
			}
		case name != "":
			fields[name] = f
		}
	}
	return fields
}

// readsText reports whether a type reads itself from text.
func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// checkScalar compares one value with the type of its key.
func checkScalar(n *yaml.Node, t reflect.Type, unit string) error {
	tag := n.ShortTag()
	switch {
	case n.Kind != yaml.ScalarNode:
		return errors.New("must be one value")
	case readsText(t):
		text := n.Value
		if tag == "!!bool" && text == "false" {
			text = "off" // YAML's word for it, where off was written as a boolean
		}
		return reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	case tag == "!!null":
		if t.Kind() == reflect.String {
			return nil // the word null: `on_error: null`
		}
		return errors.New("has no value")
	case t == reflect.TypeFor[time.Duration]():
		return checkDuration(n.Value)
	case unit == "bytes":
		return checkSize(n.Value)
	}
	switch t.Kind() {
	case reflect.Bool:
		if b := false; tag != "!!bool" || n.Decode(&b) != nil {
			return fmt.Errorf("%q must be true or false", n.Value)
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return checkWhole(n, t)
	case reflect.Float64:
		if f := 0.0; tag != "!!int" && tag != "!!float" || n.Decode(&f) != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("%q is not a number", n.Value)
		}
	case reflect.String:
		if at := (time.Time{}); tag != "!!str" && (tag != "!!timestamp" || n.Decode(&at) != nil) {
			return fmt.Errorf("%s is not text; put it into quotes: %q", n.Value, n.Value)
		}
	default:
		return fmt.Errorf("a key of type %s cannot be read", t) // a field of a new kind
	}
	return nil
}

func checkWhole(n *yaml.Node, t reflect.Type) error {
	v := reflect.New(t)
	switch {
	case n.ShortTag() != "!!int":
		return fmt.Errorf("%q is not a whole number", n.Value)
	case n.Decode(v.Interface()) != nil:
		return fmt.Errorf("%s is too large", n.Value)
	}
	return nil
}

// checkDuration accepts a duration in Go's format. Its error says what to write.
func checkDuration(text string) error {
	if _, err := time.ParseDuration(text); err == nil {
		return nil
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return fmt.Errorf("%s has no unit; write %sms, %ss, %sm or %sh", text, text, text, text, text)
	}
	return fmt.Errorf("invalid duration %q; write a number and a unit, such as 500ms, 5s, 10m or 1h", text)
}

func checkSize(text string) error {
	_, err := parseSize(text)
	return err
}

// parseSize reads 64MiB as bytes.
func parseSize(text string) (int64, error) {
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		if err != nil || !(n >= 0) {
			break
		}
		if n*float64(u.size) > 1<<62 {
			return 0, fmt.Errorf("size %s is too large", text)
		}
		return int64(n * float64(u.size)), nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		if n == 0 {
			return 0, nil
		}
		return 0, fmt.Errorf("%s has no unit; write %sMiB or %sGiB", text, text, text)
	}
	return 0, fmt.Errorf("invalid size %q; write a number and a unit, such as 64MiB or 1GiB", text)
}
