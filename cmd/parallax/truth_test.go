package main

import (
	"slices"
	"testing"

	"parallax/processors"
	"parallax/processors/oracle"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/ingest"
)

// truth is what the oracle makes of records, offline, as it would stand in the sinks'
// topics of n partitions each; and how many records it could not decode.
func truth(t *testing.T, p *plan.Plan, list []row.Record, opt codec.DecodeOptions, n int32) (out map[string]map[int32][]kept, undecodable int) {
	t.Helper()
	seq := ingest.NewSequencer(p.Sources)
	chunks := map[row.TopicPartition]*ingest.Chunk{}
	var decoders []*codec.Decoder
	for i, s := range p.Sources {
		d, err := codec.NewDecoder(t.Context(), s, i, opt)
		if err != nil {
			t.Fatal(err)
		}
		decoders = append(decoders, d)
	}
	for _, rec := range list {
		source := slices.IndexFunc(p.Sources, func(s *row.Source) bool { return s.Topic == rec.Topic })
		c := chunks[rec.TopicPartition]
		if c == nil {
			c = &ingest.Chunk{Table: row.NewTable(p.Sources[source], 0)}
			chunks[rec.TopicPartition] = c
			seq.Add(rec.TopicPartition)
		}
		if err := decoders[source].Decode(t.Context(), &rec, c.Table); err != nil {
			t.Fatal(err)
		}
		if rec.State == row.Undecodable {
			undecodable++
		}
		c.Records = append(c.Records, rec)
	}
	for tp, c := range chunks {
		seq.Push(tp, *c)
		seq.End(tp)
	}
	o, err := oracle.New(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out = map[string]map[int32][]kept{}
	encoders, err := codec.NewEncoders(t.Context(), p.Sinks())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range p.Queries {
		out[q.Sink.Topic] = map[int32][]kept{}
	}
	for b := seq.Next(ingest.AtMost(10_000)); b != nil; b = seq.Next(ingest.AtMost(10_000)) {
		outcome, err := o.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range outcome.Changes {
			c := &outcome.Changes[i]
			encoder, topic := encoders[c.Query], out[p.Queries[c.Query].Sink.Topic]
			key, rest := encoder.AppendKey(nil, c)
			at := encoder.Partition(key[:rest], nil, n)
			topic[at] = append(topic[at], kept{string(key), string(encoder.AppendValue(nil, c)), c.Deleted(), c.Timestamp})
		}
	}
	return out, undecodable
}
