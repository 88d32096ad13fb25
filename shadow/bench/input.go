package bench

import (
	"slices"

	"parallax/processors/row"
	"parallax/shadow/workload"
)

// Input is the input of all paths: the raw values of the topics, which have one
// topic-partition each, in input order, with their record timestamps, in ms.
type Input struct {
	Topics []string
	// Of is the index in Topics for each value; nil: all belong to the first topic.
	Of     []uint8
	Values [][]byte
	Times  []int64
}

// add appends a copy of a value. Values are contiguous, as in a fetch.
func (in *Input) add(arena []byte, r *row.Record) []byte {
	start := len(arena)
	arena = append(arena, r.Value...)
	in.Values = append(in.Values, arena[start:len(arena):len(arena)])
	in.Times = append(in.Times, r.Timestamp)
	if len(in.Topics) > 1 {
		in.Of = append(in.Of, uint8(slices.Index(in.Topics, r.Topic)))
	}
	return arena
}

// fetchBytes is the size of one contiguous piece of the input.
const fetchBytes = 1 << 20

// NewInput generates a scenario's records.
func NewInput(s *workload.Scenario, opt workload.Options) *Input {
	in := &Input{Topics: s.Topics}
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
		arena = in.add(arena, &r)
	}
}

// InputOf returns an input of the given values, without timestamps.
func InputOf(topic string, values [][]byte) *Input {
	return &Input{Topics: []string{topic}, Values: values, Times: make([]int64, len(values))}
}

// first is the input's first n records.
func (in *Input) first(n int) *Input {
	first := &Input{Topics: in.Topics, Values: in.Values[:n], Times: in.Times[:n]}
	if in.Of != nil {
		first.Of = in.Of[:n]
	}
	return first
}

// of returns the index of record i's topic.
func (in *Input) of(i int) int {
	if in.Of == nil {
		return 0
	}
	return int(in.Of[i])
}

// Len is the number of records.
func (in *Input) Len() int { return len(in.Values) }

// record fills in record i as a consumer would hand it out. Offsets count over all
// topics: in each of them they go up.
func (in *Input) record(r *row.Record, i int) {
	r.Topic, r.Partition = in.Topics[in.of(i)], 0
	r.Offset, r.Timestamp = int64(i), in.Times[i]
	r.Key, r.Value, r.Headers, r.Err = nil, in.Values[i], nil, nil
}
