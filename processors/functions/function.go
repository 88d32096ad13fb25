package functions

import (
	"errors"

	"parallax/processors/functions/signature"
	"parallax/processors/row"
)

// Function is a scalar function, or a table function. Adding one is adding an element to a list in
// the file of its family, such as numeric.go.
type Function struct {
	Name    string
	Aliases []string
	// Signatures are the ways to call it, in the order in which they are tried.
	// See signature.
	Signatures []string
	// TakesNull: Eval is called with NULL arguments. Otherwise a NULL argument makes the
	// result NULL, and Eval is not called.
	TakesNull bool
	// Eval computes the result.
	Eval Evaluator
	// Prepare replaces Eval for a function that does work once for constant arguments, such
	// as compiling a pattern.
	Prepare Preparer
	// PrepareSearch is Prepare for a function that searches a text for matches of a regular
	// expression. It replaces Eval.
	PrepareSearch SearchPreparer
	// Apply replaces Eval for a function that takes lambdas.
	Apply func(args []row.Value, lambdas []Closure, t row.Type) (row.Value, error)
	// Clock: a call without arguments takes the record's NOW as its argument.
	Clock bool
	// Unit: the first argument may be a unit of time written as a bare word.
	Unit bool
	// Table: it makes rows, and cannot be used as an expression with a value.
	Table bool
	// Compares: arguments that share a type variable are not converted to one type, so
	// that Eval compares them as they are.
	Compares signature.Comparing
	// ReadsTexts: text literals among the arguments are read as the type of the others.
	ReadsTexts bool
	// Choose replaces Eval for a function that evaluates only the arguments that it needs.
	Choose Chooser
	// Picks: the result is an argument or a part of one, so it produces nothing new.
	Picks bool
	// Constant: its running time does not depend on the size of its arguments.
	Constant bool
	// Doc is one sentence; Example is a call, " = ", and an expression with the
	// same result.
	Doc, Example string

	// Callable is Signatures, parsed; it is set in the functions that Lookup and Families return.
	Callable signature.List
}

// Evaluator computes a function's result from its arguments; t is the result's
// type. An error makes the column NULL and is counted. It must not keep args. One
// goroutine at a time calls it.
type Evaluator func(args []row.Value, t row.Type) (row.Value, error)

// Searcher is an Evaluator that counts the steps of its searches in the budget.
type Searcher func(b *Budget, args []row.Value) (row.Value, error)

// Evaluation computes the calls of a function with arguments of given types: one of
// eval and search does, unless the function has Apply or Choose.
type Evaluation struct {
	eval   Evaluator
	search Searcher
}

// Chooser computes a function's result from n arguments; arg evaluates one of them.
type Chooser func(arg func(i int) (row.Value, error), n int) (row.Value, error)

// Preparer makes an Evaluator for a call with arguments of these types. An argument that is no constant, or is
// NULL, is NULL in constants. wrong says what is wrong with a constant.
type Preparer func(constants []row.Value, types []row.Type) (eval Evaluator, wrong string)

// SearchPreparer makes a Searcher as Preparer makes an Evaluator.
type SearchPreparer func(constants []row.Value) (search Searcher, wrong string)

// Closure computes a lambda of its parameters, which it does not keep.
type Closure func(params []row.Value) (row.Value, error)

// Errors of functions, made once: they are counted more often than shown, so
// they have no particulars. A function returns these, ErrResultSize, ErrProduced and
// ErrSteps, and no others.
var (
	ErrOverflow = errors.New("the result does not fit its type")
	ErrArgument = errors.New("the argument is out of range")
)

// Evaluation returns what computes calls with arguments of these types, and what is wrong
// with those that are constants. See Preparer.
func (f *Function) Evaluation(constants []row.Value, types []row.Type) (e Evaluation, wrong string) {
	switch {
	case f.PrepareSearch != nil:
		e.search, wrong = f.PrepareSearch(constants)
	case f.Prepare != nil:
		e.eval, wrong = f.Prepare(constants, types)
	default:
		e.eval = f.Eval
	}
	return e, wrong
}
