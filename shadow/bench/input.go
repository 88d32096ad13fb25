package bench

import (
	"parallax/processors/row"
	"parallax/shadow/workload"
)

// Input is what all paths read: the raw values of one topic-partition in offset
// order, and their record timestamps, in ms.
type Input struct {
	Topic  string
	Values [][]byte
	Times  []int64
}

// add appends a copy of a value. Values lie side by side, as they do in a fetch.
func (in *Input) add(arena []byte, value []byte, at int64) []byte {
	start := len(arena)
	arena = append(arena, value...)
	in.Values = append(in.Values, arena[start:len(arena):len(arena)])
	in.Times = append(in.Times, at)
	return arena
}

// fetchBytes is how much of the input lies in one piece of memory.
const fetchBytes = 1 << 20

// NewInput generates a scenario's records.
func NewInput(s *workload.Scenario, opt workload.Options) *Input {
	in := &Input{Topic: s.Topic}
	g := s.Generate(opt)
	var arena []byte
	for {
		r, ok := g.Next()
		if !ok {
			return in
		}
		if cap(arena)-len(arena) < len(r.Value) {
			arena = make([]byte, 0, max(fetchBytes, len(r.Value)))
		}
		arena = in.add(arena, r.Value, r.Timestamp)
	}
}

// InputOf takes values as they are, without timestamps of their own.
func InputOf(topic string, values [][]byte) *Input {
	return &Input{Topic: topic, Values: values, Times: make([]int64, len(values))}
}

// first is the input's first n records.
func (in *Input) first(n int) *Input {
	return &Input{Topic: in.Topic, Values: in.Values[:n], Times: in.Times[:n]}
}

// Len is how many records there are.
func (in *Input) Len() int { return len(in.Values) }

// record fills in record i as a consumer would hand it out.
func (in *Input) record(r *row.Record, i int) {
	r.Topic, r.Partition = in.Topic, 0
	r.Offset, r.Timestamp = int64(i), in.Times[i]
	r.Key, r.Value, r.Headers, r.Err = nil, in.Values[i], nil, nil
}
