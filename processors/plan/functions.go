package plan

import (
	"errors"
	"fmt"
	"slices"

	"parallax/processors/row"
)

// Function is a scalar function. Adding one is adding an element to a list in
// functions_*.go.
type Function struct {
	Name    string
	Aliases []string
	// MinArgs and MaxArgs are how many arguments it takes; MaxArgs -1 is any
	// number.
	MinArgs, MaxArgs int
	// Types returns what the arguments are converted to and the result's type,
	// or what is wrong with them.
	Types func(args []row.Type) (params []row.Type, result row.Type, wrong string)
	// TakesNull: Eval sees NULL arguments. Else a NULL argument makes the result
	// NULL, and Eval is not called.
	TakesNull bool
	// Eval computes the result; t is the result's type. An error makes the
	// column NULL and is counted. It must not keep args.
	Eval func(args []row.Value, t row.Type) (row.Value, error)
	// Doc is one sentence; Example is a call and its result.
	Doc, Example string
}

// Errors of functions, made once: they are counted, not shown, so they need no
// particulars.
var (
	errOverflow = errors.New("the result does not fit its type")
	errArgument = errors.New("the argument is out of range")
)

// functions is the registry.
var functions = slices.Concat(conditionalFunctions, numericFunctions, stringFunctions)

// LookupFunction finds a function by name or alias, upper case; nil if there is
// none.
func LookupFunction(name string) *Function {
	for i := range functions {
		if functions[i].Name == name || slices.Contains(functions[i].Aliases, name) {
			return &functions[i]
		}
	}
	return nil
}

// FunctionNames lists all names and aliases, sorted.
func FunctionNames() []string {
	var names []string
	for _, f := range functions {
		names = append(append(names, f.Name), f.Aliases...)
	}
	slices.Sort(names)
	return names
}

// Functions lists the registry, to be read only.
func Functions() []Function { return functions }

func (f *Function) arity() string {
	switch {
	case f.MaxArgs < 0:
		return fmt.Sprintf("%d or more arguments", f.MinArgs)
	case f.MinArgs == f.MaxArgs && f.MinArgs == 1:
		return "1 argument"
	case f.MinArgs == f.MaxArgs:
		return fmt.Sprintf("%d arguments", f.MinArgs)
	}
	return fmt.Sprintf("%d to %d arguments", f.MinArgs, f.MaxArgs)
}

// alike is the Types of functions whose arguments and result share a type.
func alike(args []row.Type) ([]row.Type, row.Type, string) {
	t := row.Type{}
	for _, a := range args {
		wider, ok := common(t, a)
		if !ok {
			return nil, t, fmt.Sprintf("%s and %s have no common type", t, a)
		}
		t = wider
	}
	if t.Kind == row.Null {
		t = row.Of(row.String)
	}
	return slices.Repeat([]row.Type{t}, len(args)), t, ""
}

// fixed is the Types of functions whose parameters are known; a shorter call
// leaves the last ones out.
func fixed(result row.Kind, params ...row.Kind) func([]row.Type) ([]row.Type, row.Type, string) {
	return func(args []row.Type) ([]row.Type, row.Type, string) {
		var types []row.Type
		for i, a := range args {
			want := row.Of(params[min(i, len(params)-1)])
			got, ok := common(a, want)
			if !ok || !got.Equal(want) {
				return nil, row.Type{}, fmt.Sprintf("argument %d is %s, not %s", i+1, a, want)
			}
			types = append(types, want)
		}
		return types, row.Of(result), ""
	}
}
