package host

import "runtime/metrics"

// LiveHeap is the memory in use that the last garbage collection found, in bytes. Unlike
// the heap's size it does not include later garbage.
func LiveHeap() int64 { return reading("/gc/heap/live:bytes") }

// reading returns one of Go's metrics, 0 if this version of Go does not have it.
func reading(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64())
}
