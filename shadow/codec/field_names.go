package codec

import (
	"strings"

	"parallax/processors/row"
)

// fieldNames finds the columns, or the fields of a STRUCT, that a JSON field may be the
// value of: those whose names equal the field's, ignoring case. Each of them chooses among
// its fields separately (see foundField), so that one field may be the value of several
// columns.
type fieldNames struct {
	exact  map[string]namedFields
	folded map[string][]int
}

// namedFields are the numbers of all names that differ only in case. exact is the one with
// the spelling of the field, -1 for none.
type namedFields struct {
	numbers []int
	exact   int
}

// newFieldNames assigns each name a number, which find returns.
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

// foundField is the field of a record, or of a STRUCT, that is the value of a column. The
// zero foundField means that there is none.
type foundField struct {
	value   span
	isExact bool
}

// offer offers the value of a field with a matching name. The last field with the exact
// name is used, otherwise the last one. A null is a value like others.
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

// namesOf returns the names of a STRUCT's fields, which are computed once for a type.
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
