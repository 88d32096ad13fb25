package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"reflect"
	"slices"
	"strings"

	"parallax/processors/row"
)

// digester makes digests of parts of a plan from their exported fields, so that a new field
// is included unless leftOut names it.
type digester struct {
	// known caches the digests of expressions by pointer, because one expression may occur
	// often.
	known map[any]string
}

// field returns the digest of a field of a struct, or of a nested field: "Sink.Key". It is
// "" if the field is empty, or if there is no outer field.
func (d *digester) field(of any, path string) string {
	v := reflect.ValueOf(of).Elem()
	for name := range strings.SplitSeq(path, ".") {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return ""
			}
			v = v.Elem()
		}
		v = v.FieldByName(name)
	}
	if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return ""
	}
	return d.value(v)
}

func (d *digester) of(v any) string { return d.value(reflect.ValueOf(v)) }

func (d *digester) value(v reflect.Value) string {
	h := sha256.New()
	d.write(h, v)
	return hex.EncodeToString(h.Sum(nil))
}

func (d *digester) write(h hash.Hash, v reflect.Value) {
	if v.IsValid() && v.Type() == reflect.TypeFor[row.Value]() {
		own := v.Interface().(row.Value)
		fmt.Fprintf(h, "%s %q\n", own.Kind(), row.AppendKey(nil, own))
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		d.write(h, v.Elem())
	case reflect.Pointer:
		fmt.Fprintf(h, "%s\n", d.pointer(v))
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(h, "list of %d\n", v.Len())
		for i := range v.Len() {
			d.write(h, v.Index(i))
		}
	case reflect.Struct:
		t := v.Type()
		fmt.Fprintf(h, "%s\n", t.Name())
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && !slices.Contains(leftOut[t], f.Name) {
				fmt.Fprintf(h, "%s\n", f.Name)
				d.write(h, v.Field(i))
			}
		}
	case reflect.Invalid: // a nil interface
		fmt.Fprintln(h, "none")
	case reflect.String:
		fmt.Fprintf(h, "%q\n", v.String())
	default: // a number or a boolean; its String method is not used
		fmt.Fprintf(h, "%s %d\n", v.Type(), number(v))
	}
}

// number returns a number or a boolean as a number.
func number(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.Kind() == reflect.Bool && v.Bool():
		return 1
	}
	return 0
}

// pointer returns the digest of the value that a pointer points to.
func (d *digester) pointer(v reflect.Value) string {
	if v.IsNil() {
		return "none"
	}
	digest, known := d.known[v.Interface()]
	if !known {
		digest = d.value(v.Elem())
		d.known[v.Interface()] = digest
	}
	return digest
}
