package exec

import (
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// rowKey makes the key of a record's rows.
type rowKey struct {
	parts []keyPart
	// fold are the parts that may differ and compare equal, such as -0 and 0: they
	// are keys of one another's rows.
	fold []int
}

func compileRowKey(q *plan.Query) (k rowKey, err error) {
	joined := q.Logical != nil && len(q.Logical.Joins) > 0
	if k.parts, err = compileKey(q.Key); err != nil || !q.Rekeyed && !joined && q.Retain == nil {
		return k, err // a key of a stream stays as it is
	}
	for i, e := range q.Key {
		if t := e.Type().Kind; t == row.Double || t.IsNested() {
			k.fold = append(k.fold, i)
		}
	}
	return k, nil
}

// evaluate computes the key of the record that n looks at. What fails is NULL and
// counted, or, under on_error: dlq, an error.
func (k *rowKey) evaluate(n *expression.Env, opt Options, out *Result) ([]row.Value, error) {
	if len(k.parts) == 0 {
		return nil, nil
	}
	key := out.values.take(len(k.parts))
	for i := range k.parts {
		v, err := k.parts[i].f(n)
		if err != nil {
			if opt.ErrorsToDeadLetter {
				return nil, err
			}
			out.ExpressionErrors++
			v = row.Value{}
		}
		key[i] = v
	}
	k.canonical(key)
	return key, nil
}

// canonical makes keys that lie side by side what they are as keys.
func (k *rowKey) canonical(keys []row.Value) {
	for _, i := range k.fold {
		for ; i < len(keys); i += len(k.parts) {
			keys[i] = keys[i].AsKey()
		}
	}
}
