package look

import (
	"encoding/json"
	"strings"

	"parallax/diff"
)

// Side is a column of a divergence's two rows.
type Side struct {
	Name, V1, V2 string
	Differs      bool
}

// mostSides is how many columns of a row are shown; those that differ come first if a row
// has more.
const mostSides = 60

// noRow stands for the side without a row.
const noRow = "no row"

// Sides pairs the columns of both rows. The comparison names the columns that differ, with
// their paths.
func Sides(e *diff.Example) (list []Side) {
	named := map[string]bool{}
	for _, c := range e.Columns {
		named[c.Name] = true
		if len(list) < mostSides {
			list = append(list, Side{Name(c.Name), Text(c.Text(c.V1)), Text(c.Text(c.V2)), true})
		}
	}
	one, isRow1 := fields(e.V1)
	two, isRow2 := fields(e.V2)
	if !isRow1 || !isRow2 {
		if len(list) == 0 && (e.V1 != "" || e.V2 != "") {
			list = append(list, Side{"(row)", orNoRow(e.V1), orNoRow(e.V2), true})
		}
		return list
	}
	inTwo := map[string]string{}
	for _, f := range two {
		inTwo[f.name] = f.value
	}
	inOne := map[string]bool{}
	onlyOne := e.V1 == "" || e.V2 == ""
	add := func(name, v1, v2 string) {
		if !named[name] && len(list) < mostSides {
			list = append(list, Side{Name(name), Text(v1), Text(v2), onlyOne || partlyNamed(named, name)})
		}
	}
	for _, f := range one {
		inOne[f.name] = true
		v2, ok := inTwo[f.name]
		switch {
		case e.V2 == "":
			v2 = noRow
		case !ok:
			v2 = "(absent)"
		}
		add(f.name, f.value, v2)
	}
	for _, f := range two {
		if !inOne[f.name] {
			v1 := "(absent)"
			if e.V1 == "" {
				v1 = noRow
			}
			add(f.name, v1, f.value)
		}
	}
	return list
}

// partlyNamed reports whether a value inside a column is among those that differ.
func partlyNamed(named map[string]bool, column string) bool {
	for name := range named {
		if rest, ok := strings.CutPrefix(name, column); ok && (strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "->")) {
			return true
		}
	}
	return false
}

func orNoRow(row string) string {
	if row == "" {
		return noRow
	}
	return Text(row)
}

type field struct{ name, value string }

// fields returns the fields of a row in their order. ok is false for a text that is not a
// row: one that was shortened, or a deletion.
func fields(row string) (list []field, ok bool) {
	if row == "" {
		return nil, true
	}
	d := json.NewDecoder(strings.NewReader(row))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, false
		}
		text, isText := name.(string)
		if !isText {
			return nil, false
		}
		list = append(list, field{text, string(value)})
	}
	_, err := d.Token()
	return list, err == nil
}
