package plan

import "errors"

// Limits on the rows that EXPLODE makes of one record. If a record exceeds one, that is an
// error of the expression and the record has no rows.
const (
	MostExplodedRows  = 1_000_000
	MostExplodedBytes = 64 << 20 // the Footprint of the rows' values
)

// Errors of EXPLODE.
var (
	ErrExplodedRows  = errors.New("EXPLODE makes more than 1,000,000 rows of the record")
	ErrExplodedBytes = errors.New("EXPLODE makes more than 64 MiB of the record")
)
