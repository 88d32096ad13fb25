package ingest

import (
	"fmt"
	"hash/fnv"
	"math/bits"
	"strconv"

	"parallax/processors/row"
)

// OrderHash is a running hash of the topic-partitions and offsets of records in the order in
// which they were taken: two runs that took the same records in the same order have equal
// hashes. Its zero value is that of no record. It is written to Kafka and to files, so its
// definition does not change.
type OrderHash uint64

// OrderKey is the part of a topic-partition in an OrderHash.
type OrderKey uint64

// These are the odd multipliers of xxHash64, whose round Take is.
const (
	orderPrime1 = 0x9E3779B185EBCA87
	orderPrime2 = 0xC2B2AE3D27D4EB4F
)

// OrderKeyOf returns the key of a topic-partition.
func OrderKeyOf(tp row.TopicPartition) OrderKey {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", tp.Topic, tp.Partition)
	return OrderKey(h.Sum64() * orderPrime1)
}

// Take returns the hash after one more record.
func (h OrderHash) Take(key OrderKey, offset int64) OrderHash {
	x := uint64(key) + uint64(offset)*orderPrime1
	return OrderHash(bits.RotateLeft64(uint64(h)+x*orderPrime2, 31) * orderPrime1)
}

// String is the hash's text form: 16 hexadecimal digits.
func (h OrderHash) String() string { return fmt.Sprintf("%016x", uint64(h)) }

// MarshalText makes JSON of a hash its text form.
func (h OrderHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the text form and refuses any other.
func (h *OrderHash) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 16, 64)
	if err != nil || len(text) != 16 {
		return fmt.Errorf("%s: an order hash has 16 hexadecimal digits", row.Excerpt(text))
	}
	if string(text) != OrderHash(n).String() {
		return fmt.Errorf("%s: an order hash is written in lower case", row.Excerpt(text))
	}
	*h = OrderHash(n)
	return nil
}
