package functions

import (
	"errors"

	"parallax/processors/row"
)

// Limits of what expressions may produce from a record. Sizes are as of row.Value.Size. Records come from
// outside: LPAD to a length in a record, or a lambda over a long ARRAY, must neither take all memory
// nor run without end.
const (
	// MaxResult is the size of the largest text, ARRAY, MAP or STRUCT that a function, ||
	// or CAST may return.
	MaxResult = 16 << 20
	// MaxProduced is the total size of all results that one evaluation of an expression
	// may produce.
	MaxProduced = 64 << 20
	// stepSize is the size that each step of a lambda counts, in addition to what it produces.
	stepSize = 16
	// stepsPerByte is how many steps of searches in a lambda count as a byte that is produced.
	stepsPerByte = 16
	// maxElements is how many elements an ARRAY of MaxResult has at most.
	maxElements = MaxResult / row.ElementSize
)

// Errors of what exceeds a bound.
var (
	ErrResultSize = errors.New("a text or array is larger than 16 MiB")
	ErrProduced   = errors.New("the expression produces more than 64 MiB")
	ErrSteps      = errors.New("the regular expression takes too many steps on the text: it looks far ahead again and again")
)

// Budget counts what one evaluation of an expression has produced. The engine and the oracle
// begin each evaluation with a new one; a part that is made of literals alone has its own, see
// IsConstant, so that it may be computed at any time.
type Budget struct {
	produced int64
	lambdas  int // that are being evaluated
}

// Reset starts a new evaluation.
func (b *Budget) Reset() { *b = Budget{} }

// Begin starts the evaluation of a part with its own budget; End takes what it returned.
func (b *Budget) Begin() (outer Budget) {
	outer = *b
	*b = Budget{}
	return outer
}

// End returns to the evaluation around a part. It returns the bytes that the part produced.
func (b *Budget) End(outer Budget) (produced int64) {
	produced = b.produced
	*b = outer
	return produced
}

// Produce counts bytes that were produced.
func (b *Budget) Produce(size int64) error {
	if b.produced += size; b.produced > MaxProduced {
		return ErrProduced
	}
	return nil
}

// Result counts a value that a function, || or CAST has returned.
func (b *Budget) Result(v row.Value) error {
	size := v.Size(MaxResult)
	if size > MaxResult {
		return ErrResultSize
	}
	return b.Produce(size)
}

// Enter starts a step of a lambda, and Leave ends it.
func (b *Budget) Enter() error {
	b.lambdas++
	return b.Produce(stepSize)
}

// Leave ends a step of a lambda.
func (b *Budget) Leave() { b.lambdas-- }

// InLambda reports whether a lambda is being evaluated.
func (b *Budget) InLambda() bool { return b.lambdas > 0 }

// Read counts what a function reads, if a lambda is being evaluated: the same text may be read
// in each step. A sixteenth of a text and a quarter of the number of elements are
// counted.
func (b *Budget) Read(values ...row.Value) error {
	if b.lambdas == 0 {
		return nil
	}
	size := int64(0)
	for _, v := range values {
		size += int64(len(v.Str())/16 + len(v.Elements())/4)
	}
	return b.Produce(size)
}

// Steps counts the steps of a search, if a lambda is being evaluated: outside of one an
// expression has as many searches as the script has calls.
func (b *Budget) Steps(n int64) error {
	if b.lambdas == 0 {
		return nil
	}
	return b.Produce(n / stepsPerByte)
}

// Compute applies the function, within the budget. e is what Evaluation returned for the
// call.
func (f *Function) Compute(b *Budget, e Evaluation, args []row.Value, lambdas []Closure, t row.Type) (v row.Value, err error) {
	if b.lambdas > 0 && !f.Constant {
		if err := b.Read(args...); err != nil {
			return row.Value{}, err
		}
	}
	switch {
	case f.Apply != nil:
		v, err = f.Apply(args, lambdas, t)
	case e.search != nil:
		v, err = e.search(b, args)
	default:
		v, err = e.eval(args, t)
	}
	if err != nil || f.Picks {
		return v, err
	}
	switch k := t.Kind; {
	case k == row.String || k == row.Bytes || k.IsNested():
		err = b.Result(v)
	}
	return v, err
}
