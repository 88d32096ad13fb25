package row

// Share says which of the queries that read a record take it, where a part of the
// keys is taken. The zero value is that of an undecodable record.
type Share struct {
	Any, All bool
	// Counted says that it is among what V2's partitions count.
	Counted bool
}
