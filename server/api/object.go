package api

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readObject reads a JSON object whose fields have exactly the names of a struct, each once, and
// values of its fields' types. encoding/json would take names in any case, and the last one of
// two, so that a proxy and the server could read different requests.
func readObject(text []byte, into any) error {
	if !utf8.Valid(text) {
		return errors.New("the body is not UTF-8")
	}
	if first := bytes.TrimLeft(text, " \t\r\n"); len(first) == 0 || first[0] != '{' {
		return errors.New("the body must be a JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	var whole json.RawMessage // which limits the depth as well
	if err := d.Decode(&whole); err != nil {
		return syntaxError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body has more than one JSON value")
	}
	d = json.NewDecoder(bytes.NewReader(whole))
	d.UseNumber()
	if err := checkValue(d, reflect.TypeOf(into).Elem(), ""); err != nil {
		return err
	}
	return json.Unmarshal(whole, into)
}

func syntaxError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the body ends in the middle of a JSON value")
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// checkValue reads the next value, which is to be one of a type, at a path.
func checkValue(d *json.Decoder, t reflect.Type, path string) error {
	v, err := d.Token()
	if err != nil {
		return err
	}
	wanted, fits := "", false
	switch {
	case reflect.PointerTo(t).Implements(textUnmarshaler), t.Kind() == reflect.String:
		_, fits = v.(string)
		wanted = "text"
	case t.Kind() == reflect.Bool:
		_, fits = v.(bool)
		wanted = "true or false"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		n, _ := v.(json.Number)
		_, err := strconv.ParseInt(n.String(), 10, t.Bits())
		fits, wanted = err == nil, "a whole number in the field's range"
	case t.Kind() == reflect.Float64:
		n, _ := v.(json.Number)
		_, err := strconv.ParseFloat(n.String(), 64)
		fits, wanted = err == nil, "a number"
	case t.Kind() == reflect.Struct:
		if v == json.Delim('{') {
			return checkFields(d, t, path)
		}
		wanted = "an object"
	default:
		return fmt.Errorf("the field %s cannot be read from JSON", path) // a fault of ours, which a test finds
	}
	if !fits {
		return fmt.Errorf("%s: must be %s", path, wanted)
	}
	return nil
}

// checkFields reads the rest of an object.
func checkFields(d *json.Decoder, t reflect.Type, path string) error {
	if path != "" {
		path += "."
	}
	types := fieldsOf(t)
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		switch field, isKnown := types[name]; {
		case !isKnown:
			return unknownField(path, name, types)
		case seen[name]:
			return fmt.Errorf("the field %s%s is given twice", path, name)
		default:
			seen[name] = true
			if err := checkValue(d, field, path+name); err != nil {
				return err
			}
		}
	}
	_, err := d.Token()
	return err
}

func unknownField(path, name string, types map[string]reflect.Type) error {
	for known := range types {
		if strings.EqualFold(name, known) {
			return fmt.Errorf("unknown field %s: write %s%s", short(path+name), path, known)
		}
	}
	return fmt.Errorf("unknown field %s", short(path+name))
}

// fieldsOf are the fields of a struct by their names in JSON.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous && name != "" && name != "-" {
			types[name] = f.Type
		}
	}
	return types
}
