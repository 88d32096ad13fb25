package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// CompileKey returns the function that appends the canonical encoding of
// expressions over a source's columns for record i, which must be decoded. An
// expression that fails counts as NULL, as it does in grouping. The function is
// not safe for concurrent use.
func CompileKey(exprs []plan.Expr, _ *row.Source) (func(b *row.Batch, i int, dst []byte) []byte, error) {
	evals, err := compileAll(exprs)
	if err != nil {
		return nil, err
	}
	var n env
	return func(b *row.Batch, i int, dst []byte) []byte {
		n.batch = b
		n.at(i)
		n.table = b.Table(int(n.record.Source))
		for _, f := range evals {
			v, err := f(&n)
			if err != nil {
				v = row.Value{}
			}
			dst = row.AppendKey(dst, v)
		}
		return dst
	}, nil
}
