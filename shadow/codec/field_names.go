package codec

import (
	"strings"

	"parallax/processors/row"
)

// fieldNames finds the column, or the field of a STRUCT, that a JSON field belongs to:
// the one with exactly its name, else the first declared one whose name differs
// only in case.
type fieldNames struct {
	exact, folded map[string]int
}

func newFieldNames() fieldNames {
	return fieldNames{exact: map[string]int{}, folded: map[string]int{}}
}

// add gives a name the number that find returns for it.
func (n *fieldNames) add(name string, number int) {
	n.exact[name] = number
	fold := strings.ToUpper(name)
	if _, known := n.folded[fold]; !known {
		n.folded[fold] = number
	}
}

// find returns the number of a name, its escapes undone, and whether the name was
// added exactly so; -1 where there is none.
func (n *fieldNames) find(name []byte) (number int, isExact bool) {
	if number, ok := n.exact[string(name)]; ok {
		return number, true
	}
	if number, ok := n.folded[strings.ToUpper(string(name))]; ok {
		return number, false
	}
	return -1, false
}

// foundField is the field of a record, or of a STRUCT, that counts for a column. The
// zero foundField is that of a column for which there is no field.
type foundField struct {
	value   span
	isExact bool
}

// offer takes the value of a field that belongs to the column, if it counts: the
// last one of the exact name, else the last one. A null counts like other values.
func (f *foundField) offer(value span, isExact bool) {
	if isExact || !f.isExact {
		f.value, f.isExact = value, isExact
	}
}

// structNames are the names of a STRUCT's fields.
type structNames struct {
	fieldNames
	texts []string
}

// namesOf returns the names of a STRUCT's fields, which are made once for a type.
func (o *object) namesOf(fields []row.Column) *structNames {
	if len(fields) == 0 {
		return &structNames{}
	}
	names := o.structs[&fields[0]]
	if names == nil {
		names = &structNames{fieldNames: newFieldNames()}
		for i, f := range fields {
			names.add(f.Name, i)
			names.texts = append(names.texts, f.Name)
		}
		if o.structs == nil {
			o.structs = map[*row.Column]*structNames{}
		}
		o.structs[&fields[0]] = names
	}
	return names
}
