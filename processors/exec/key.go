package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// CompileKey returns the function that evaluates a key over a source's columns
// for record i, which must be decoded: its tuple is good until the next call. An
// expression that fails counts as NULL, as it does in grouping. The function is
// not safe for concurrent use.
func CompileKey(exprs []plan.Expr) (func(b *row.Batch, i int) []row.Value, error) {
	evals, err := compileAll(exprs)
	if err != nil {
		return nil, err
	}
	var n env
	key := make([]row.Value, len(evals))
	return func(b *row.Batch, i int) []row.Value {
		n.batch = b
		n.at(i)
		n.table = b.Table(int(n.record.Source))
		for k, f := range evals {
			v, err := f(&n)
			if err != nil {
				v = row.Value{}
			}
			key[k] = v
		}
		return key
	}, nil
}
