package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// keyPart is an expression of a key; most are just a column.
type keyPart struct {
	column int // -1 where it is a function
	f      expression.Eval
}

func compileKey(exprs []plan.Expr) ([]keyPart, error) {
	parts := make([]keyPart, len(exprs))
	for i, e := range exprs {
		f, err := expression.Compile(e)
		if err != nil {
			return nil, err
		}
		parts[i] = keyPart{column: -1, f: f}
		if c, ok := e.(*plan.Column); ok {
			parts[i].column = c.Index
		}
	}
	return parts, nil
}

// CompileKey returns a function that evaluates a key over a source's columns for record
// i, which must be decoded. The tuple that it returns is valid until the next call. An
// expression that fails counts as NULL, as it does in grouping. The function is not safe
// for concurrent use.
func CompileKey(exprs []plan.Expr) (func(b *row.Batch, i int) []row.Value, error) {
	parts, err := compileKey(expression.AllRooted(exprs))
	if err != nil {
		return nil, err
	}
	var n expression.Env
	key := make([]row.Value, len(parts))
	return func(b *row.Batch, i int) []row.Value {
		n.Batch = b
		n.At(i)
		n.Table = b.Table(int(n.Record.Source))
		for k := range parts {
			part := &parts[k]
			if part.column >= 0 {
				key[k] = n.Table.Columns[part.column].Value(n.Row)
				continue
			}
			v, err := part.f(&n)
			if err != nil {
				v = row.Value{}
			}
			key[k] = v
		}
		return key
	}, nil
}

// CompileHash returns a function that sets dst[i] to row.Hash of CompileKey's tuple for
// each decoded record of the source in the batch. It is not safe for concurrent use.
func CompileHash(exprs []plan.Expr, source int32) (func(dst []uint64, b *row.Batch), error) {
	var columns []int
	for _, e := range exprs {
		if c, ok := e.(*plan.Column); ok {
			columns = append(columns, c.Index)
		}
	}
	if len(columns) == len(exprs) {
		return func(dst []uint64, b *row.Batch) { row.HashRecords(dst, b, source, columns) }, nil
	}
	key, err := CompileKey(exprs)
	if err != nil {
		return nil, err
	}
	return func(dst []uint64, b *row.Batch) {
		for i := range b.Len() {
			if r := b.Record(i); r.Source == source && r.State != row.Undecodable {
				dst[i] = row.Hash(key(b, i))
			}
		}
	}, nil
}
