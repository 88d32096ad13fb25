package codec

import (
	"context"
	"errors"
	"fmt"

	"parallax/processors/row"
)

var errNoKey = errors.New("the record has no key, and a table's rows are identified by their keys")

// readKey appends the needed key columns. A null key is NULL in each.
func (d *Decoder) readKey(ctx context.Context, rec *row.Record, t *row.Table) error {
	switch {
	case len(d.needed) == 0:
		return nil
	case rec.Key != nil:
		return d.key.read(ctx, rec.Key, t)
	case d.src.Table:
		return errNoKey
	}
	for _, i := range d.needed {
		t.Columns[i].AppendNull()
	}
	return nil
}

// noKey reads key_format NONE. It has no columns.
type noKey struct{ src *row.Source }

func newNoKey(src *row.Source) reader { return noKey{src} }

func (k noKey) read(context.Context, []byte, *row.Table) error {
	for _, i := range keyColumns(k.src) {
		if k.src.Needed[i] {
			return fmt.Errorf("key_format is NONE, and the query needs key column %s", k.src.Columns[i].Name)
		}
	}
	return nil
}
