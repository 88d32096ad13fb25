package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Value is one effective value with its source.
type Value struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

// Effective lists all values in the order of the documentation of the job file. It need not
// hide passwords: a job file contains only the names of files and variables that hold them.
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

// source is the source of a key's value. If a whole section was set at once, its keys have
// the section's source.
func (l *Loaded) source(key string) string {
	for k := key; k != ""; k, _, _ = cutLast(k) {
		if s, ok := l.Origin[k]; ok && (k == key || !strings.Contains(s, ":")) {
			return s
		}
	}
	return "default"
}
