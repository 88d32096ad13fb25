package ingest

// Limit says where a batch ends.
type Limit struct {
	records int
	// made is what a record makes, in bytes. fits is how many bytes the records of a batch may
	// have together with what they make; 0 for any number.
	made, fits int64
}

const (
	// mostBytes is how many bytes the records of a batch have before it is cut, as they
	// were read and as they were decoded.
	mostBytes = 16 << 20
	// cacheBytes is how many bytes a batch's records and what they make are meant to have. Both
	// paths, the comparison and the encoder go through all of a batch, one after the other:
	// what does not stay in a core's cache until then comes from memory each time.
	cacheBytes = 1 << 20
	// fewestCached is a number of records that a batch may have even if they do not fit the
	// cache. With smaller batches, the fixed costs of a batch would be more than is gained.
	fewestCached = 1_000
	// decodedBytes is what a decoded record takes beside its footprint: its fields and columns.
	decodedBytes = 140
)

// AtMost returns a limit of a number of records, whether they fit the cache or not.
func AtMost(records int) Limit { return Limit{records: records} }

// IsReached reports whether a batch is full that has a number of records, whose
// footprints have so many bytes.
func (l Limit) IsReached(records int, bytes int64) bool {
	if records >= l.records || bytes >= mostBytes {
		return true
	}
	return l.fits > 0 && records >= fewestCached && bytes+int64(records)*(decodedBytes+l.made) >= l.fits
}

// room returns how many records memory is made for: a batch that has more makes its memory
// grow.
func (l Limit) room() int { return min(l.records, fewestCached) }

// Footprint returns the size at which a waiting record is counted whose key and value have a
// number of bytes.
func Footprint(bytes int) int64 {
	const overhead = 100
	return int64(bytes) + overhead
}
