package faults

import (
	"slices"
	"unsafe"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Faults of what V2 hands over: its work is right, and what is handed over is not.

// loseKeys hands rows over whose keys are all NULL.
func loseKeys() after {
	return func(rows []row.Change) []row.Change {
		for i := range rows {
			rows[i].Key, rows[i].Written = make([]row.Value, len(rows[i].Key)), nil
		}
		return rows
	}
}

// overwrite hands over keys whose texts lie in buffers of its own, each of which it
// writes over when the key comes again.
func overwrite() after {
	type own struct {
		key  []row.Value
		text []byte // of the first text of key; nil where it has none
	}
	keys := map[string]*own{}
	return func(rows []row.Change) []row.Change {
		for i := range rows {
			c := &rows[i]
			at := string(row.AppendKey([]byte{byte(c.Query)}, c.Key...))
			k := keys[at]
			if k == nil {
				k = &own{key: slices.Clone(c.Key)}
				for j, v := range k.key {
					if v.Kind() == row.String && v.Str() != "" {
						k.text = []byte(v.Str())
						k.key[j] = row.NewString(unsafe.String(&k.text[0], len(k.text)))
						break
					}
				}
				keys[at] = k
			} else if k.text != nil {
				k.text[0] = '#'
			}
			c.Key = k.key
		}
		return rows
	}
}

// swapOutputs swaps rows of different outputs that stand next to each other.
func swapOutputs() after {
	return func(rows []row.Change) []row.Change {
		for i := 1; i < len(rows); i++ {
			if a, b := &rows[i-1], &rows[i]; a.Query != b.Query && a.Position == b.Position {
				rows[i-1], rows[i] = rows[i], rows[i-1]
				i++
			}
		}
		return rows
	}
}

// newLoseDeadLetters is a V2 whose dead letters are lost.
func newLoseDeadLetters(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	s := f.newSpan(cfg.Count())
	return &faulty{V2: v2, span: s, rewrite: func(o *row.Outcome) {
		kept := slices.DeleteFunc(slices.Clone(o.DeadLetters), func(d row.DeadLetter) bool {
			return s.strikes(o.Batch.First + int64(d.Record))
		})
		if len(kept) < len(o.DeadLetters) {
			s.acted()
		}
		o.DeadLetters = kept
	}}, nil
}
