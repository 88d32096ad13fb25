package aggregates

import (
	"slices"
	"strings"

	"parallax/processors/functions/signature"
	"parallax/processors/row"
)

// Name names an aggregate function of the registry, upper case.
type Name string

// Function is an entry of the registry of aggregates: how it is called and what it means.
// The engine has an entry of the same name, which says how a group's state is kept.
type Function struct {
	Name    Name
	Aliases []string
	// Signatures are the ways to call it; see signature.
	Signatures []string
	// Values is the number of arguments that are computed for each record, from the left; 0
	// stands for 1. The others are constants.
	Values int
	// Others says that further values, of any type, may stand before the last
	// argument; With is the signature that has them, for people.
	Others bool
	With   string
	// TakesNull: records whose values are NULL count. Otherwise a record with a NULL among
	// its values is skipped.
	TakesNull bool
	// Undo: a record can be taken away again, as aggregating a table does. The
	// others are for streams.
	Undo bool
	// Type computes the type of the result if the signature does not give it; args are the
	// types of the values.
	Type func(args []row.Type) row.Type
	// Wrong says what is wrong with the constants, none of which is NULL.
	Wrong func(constants []row.Value) string
	// Doc is one sentence; Example is a call over ExampleRows, " = ", and an
	// expression with the same result.
	Doc, Example string

	// Callable is Signatures, parsed.
	Callable signature.List
}

// Computed returns how many of n arguments are computed for each record.
func (f *Function) Computed(n int) int {
	if f.Others {
		return n - 1
	}
	return min(n, max(1, f.Values))
}

// ExampleCall returns the call of Example.
func (f *Function) ExampleCall() string {
	call, _, _ := strings.Cut(f.Example, " = ")
	return call
}

// Calls lists the forms of a call, for people.
func (f *Function) Calls() []string {
	if f.With == "" {
		return f.Signatures
	}
	return slices.Concat(f.Signatures, []string{f.With})
}
