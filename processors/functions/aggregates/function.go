package aggregates

import (
	"slices"
	"strings"

	"parallax/processors/functions/signature"
	"parallax/processors/row"
)

// Name names an aggregate function of the registry, upper case.
type Name string

// Function is an entry of the registry of aggregates: how it is called and
// what it means. How a group keeps it is the engine's, which has an entry of the
// same name.
type Function struct {
	Name    Name
	Aliases []string
	// Signatures are the ways to call it; see signature.
	Signatures []string
	// Values is how many arguments are computed of each record, from the left; 0
	// stands for one. The others are constants.
	Values int
	// Others says that further values, of any type, may stand before the last
	// argument; With is the signature that has them, for people.
	Others bool
	With   string
	// TakesNull: it sees records whose values are NULL. Else one with a NULL among
	// them is passed over.
	TakesNull bool
	// Undo: a record can be taken away again, as aggregating a table does. The
	// others are for streams.
	Undo bool
	// Type is the result's where the signature does not say it; args are the types
	// of the values.
	Type func(args []row.Type) row.Type
	// Wrong says what is wrong with the constants, none of which is NULL.
	Wrong func(constants []row.Value) string
	// Doc is one sentence; Example is a call over ExampleRows, " = ", and an
	// expression with the same result.
	Doc, Example string

	// Callable is Signatures, read.
	Callable signature.List
}

// Computed is how many of n arguments are computed of each record.
func (f *Function) Computed(n int) int {
	if f.Others {
		return n - 1
	}
	return min(n, max(1, f.Values))
}

// ExampleCall is the call of Example.
func (f *Function) ExampleCall() string {
	call, _, _ := strings.Cut(f.Example, " = ")
	return call
}

// Calls lists the ways to call it, for people.
func (f *Function) Calls() []string {
	if f.With == "" {
		return f.Signatures
	}
	return slices.Concat(f.Signatures, []string{f.With})
}
