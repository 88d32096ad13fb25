package codec

import (
	"strings"

	"parallax/processors/row"
)

// fieldNames finds the columns, or the fields of a STRUCT, that a JSON field may count
// for: each whose name is the field's, or differs from it only in case. Each takes one
// of its fields by itself (see foundField), so that one field may count for several.
type fieldNames struct {
	exact  map[string]namedFields
	folded map[string][]int
}

// namedFields are the numbers of all names that differ only in case. exact is the one
// that is spelt as the field is, -1 for none.
type namedFields struct {
	numbers []int
	exact   int
}

// newFieldNames gives each name its number, which find returns for it.
func newFieldNames(names []string, numbers []int) fieldNames {
	n := fieldNames{exact: map[string]namedFields{}, folded: map[string][]int{}}
	for i, name := range names {
		fold := strings.ToUpper(name)
		n.folded[fold] = append(n.folded[fold], numbers[i])
	}
	for i, name := range names {
		n.exact[name] = namedFields{numbers: n.folded[strings.ToUpper(name)], exact: numbers[i]}
	}
	return n
}

// find returns the numbers of a field's name, its escapes undone.
func (n *fieldNames) find(name []byte) namedFields {
	if f, ok := n.exact[string(name)]; ok {
		return f
	}
	return namedFields{numbers: n.folded[strings.ToUpper(string(name))], exact: -1}
}

// foundField is the field of a record, or of a STRUCT, that counts for a column. The
// zero foundField is that of a column for which there is no field.
type foundField struct {
	value   span
	isExact bool
}

// offer takes the value of a field that may count for the column, if it does: the
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
		names = &structNames{}
		numbers := make([]int, len(fields))
		for i, f := range fields {
			numbers[i] = i
			names.texts = append(names.texts, f.Name)
		}
		names.fieldNames = newFieldNames(names.texts, numbers)
		if o.structs == nil {
			o.structs = map[*row.Column]*structNames{}
		}
		o.structs[&fields[0]] = names
	}
	return names
}
