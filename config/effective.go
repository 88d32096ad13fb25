package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Value is one effective value, and where it came from.
type Value struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

// Effective lists all values in the order of the job file's documentation.
// Passwords are not in a job file, so there is none to hide but the names of
// where they are.
func (l *Loaded) Effective() []Value {
	return l.list(reflect.ValueOf(l.Job), "")
}

func (l *Loaded) list(v reflect.Value, prefix string) []Value {
	var out []Value
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("koanf")
		f := v.Field(i)
		if f.Kind() == reflect.Pointer {
			if f.IsNil() {
				continue
			}
			f = f.Elem()
		}
		if strings.HasSuffix(tag, ",squash") {
			out = append(out, l.list(f, prefix)...)
			continue
		}
		key := prefix + tag
		if _, text := f.Interface().(encoding.TextMarshaler); f.Kind() == reflect.Struct && !text {
			out = append(out, l.list(f, key+".")...)
			continue
		}
		out = append(out, Value{Key: key, Value: show(f), Source: l.source(key)})
	}
	return out
}

func show(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return err.Error()
		}
		return string(text)
	case time.Duration:
		return x.String()
	case []string:
		return strings.Join(x, ", ")
	case string:
		return strings.TrimRight(x, "\n")
	default:
		return fmt.Sprint(x)
	}
}

// source is where a key's value came from; a key inside one that was given whole
// came from there.
func (l *Loaded) source(key string) string {
	for k := key; k != ""; k, _, _ = cutLast(k) {
		if s, ok := l.Origin[k]; ok && (k == key || !strings.Contains(s, ":")) {
			return s
		}
	}
	return "default"
}
