package row

// Share says which of the queries that read a record process it, when V2 processes a sample
// of the keys. The zero value is used for undecodable records.
type Share struct {
	Any, All bool
	// Counted: V2's partitions count the record.
	Counted bool
}
