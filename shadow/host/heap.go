package host

import "runtime/metrics"

// LiveHeap is what the last garbage collection found in use, in bytes. What has
// become garbage since then does not count, as it would in the heap's size.
func LiveHeap() int64 { return reading("/gc/heap/live:bytes") }

// reading is one of Go's metrics, 0 where this Go has none of that name.
func reading(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
