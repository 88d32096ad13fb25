package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/kafka/cluster"
)

// piece is a part of a fetch that is decoded by itself: decoding has no state.
type piece struct {
	kgo.FetchTopicPartition
	// from is the fetch position before it, largest the largest timestamp, in ms, of the
	// records before it that this run has fetched; 0 or less for none.
	from    int64
	largest int64
	came    time.Time
	decoded chan fetch // takes one
}

// after returns the rest of a piece from an offset on; decoded are the records before it.
func (p *piece) after(decoded []row.Record, from int64) *piece {
	rest := *p
	rest.from = from
	rest.Records = p.Records[slices.IndexFunc(p.Records, func(r *kgo.Record) bool { return r.Offset >= from }):]
	for i := range decoded {
		rest.largest = max(rest.largest, decoded[i].Timestamp)
	}
	return &rest
}

// pieceRecords is the largest number of records in a piece: large enough to amortize the
// handover, small enough for one fetch to keep all cores busy. pieceBytes is the largest size of a
// piece of more than one record; decoded it may be much larger.
const (
	pieceRecords = 4096
	pieceBytes   = 1 << 20
)

// pieces cuts a fetch. next is the fetch position of each topic-partition, which
// moves on.
func pieces(p kgo.FetchTopicPartition, next map[row.TopicPartition]int64) []*piece {
	came := time.Now()
	if p.Err != nil {
		from := next[row.TopicPartition{Topic: p.Topic, Partition: p.Partition}]
		return []*piece{{FetchTopicPartition: p, from: from, came: came, decoded: make(chan fetch, 1)}}
	}
	at := row.TopicPartition{Topic: p.Topic, Partition: p.Partition}
	var list []*piece
	for records := p.Records; len(records) > 0; {
		n := pieceOf(records)
		part := p
		part.Records, records = records[:n], records[n:]
		list = append(list, &piece{FetchTopicPartition: part, from: next[at], came: came, decoded: make(chan fetch, 1)})
		next[at] = max(next[at], part.Records[n-1].Offset+1)
	}
	return list
}

// pieceOf returns how many of records make a piece.
func pieceOf(records []*kgo.Record) (n int) {
	for bytes := 0; n < len(records) && n < pieceRecords && bytes < pieceBytes; n++ {
		bytes += len(records[n].Key) + len(records[n].Value)
	}
	return n
}

// decodeAhead decodes pieces on all cores and hands them to Next in the order in which it got
// them. A piece that cannot be decoded for now waits, and with it what follows in its
// topic-partition (see lanes). stop waits for the pieces that were begun.
func (t *Task) decodeAhead(ctx context.Context) (give func(*piece) bool, stop func()) {
	const waiting = 8 // pieces that are decoded or being so
	work, order := make(chan *piece), make(chan *piece, waiting)
	var all sync.WaitGroup
	for _, decoders := range t.decoders {
		all.Go(func() {
			for p := range work {
				p.decoded <- t.decode(ctx, p, decoders[p.Topic])
			}
		})
	}
	all.Go(func() {
		for p := range order {
			t.lanes.handOver(ctx, t, <-p.decoded, &all)
		}
	})
	give = func(p *piece) bool {
		work <- p // one of the goroutines above always takes it
		select {
		case order <- p:
			return true
		case <-ctx.Done():
			return false
		}
	}
	return give, func() {
		close(work)
		close(order)
		all.Wait()
	}
}

// decode decodes a piece into a chunk. Control records and offsets that do not exist are
// counted as gaps; records that were fetched before are dropped. If a record cannot be decoded
// for now, the chunk ends before it, and the fetch has the rest of the piece.
func (t *Task) decode(ctx context.Context, p *piece, d Decoder) fetch {
	at := row.TopicPartition{Topic: p.Topic, Partition: p.Partition}
	f := fetch{at: at, stable: p.LastStableOffset, came: p.came, epoch: -1}
	if errors.Is(p.Err, kerr.OffsetOutOfRange) {
		f.err = fmt.Errorf("fetch %s/%d: Kafka no longer has offset %d, which is the next one to process: records were deleted before the job read them, or the topic was created again; set the topic's retention.ms and retention.bytes to more than the job can be behind, and start the job again: %w",
			p.Topic, p.Partition, p.from, p.Err)
		return f
	}
	if p.Err != nil {
		f.err = fmt.Errorf("fetch %s/%d: %w", p.Topic, p.Partition, cluster.Lacking(p.Err, "Read on topic "+p.Topic))
		if p.Topic == "" { // of the client's session in the group
			f.err = fmt.Errorf("consumer group: %w", p.Err)
		}
		return f
	}
	source := 0
	for i, s := range t.plan.Sources {
		if s.Topic == p.Topic {
			source = i
		}
	}
	start := time.Now()
	memory := t.sequencer.Memory()
	f.chunk.Table, f.chunk.Records = memory.Table(source, len(p.Records)), memory.Records(len(p.Records))
	position := p.from
	for _, r := range p.Records {
		if r.Offset < position {
			continue
		}
		f.gaps += r.Offset - position
		position, f.epoch = r.Offset+1, r.LeaderEpoch
		if r.Attrs.IsControl() {
			f.gaps++
			continue
		}
		rec := row.Record{
			TopicPartition: at, Offset: r.Offset, Timestamp: cluster.Millis(r.Timestamp),
			Key: r.Key, Value: r.Value,
		}
		for _, h := range r.Headers {
			rec.Headers = append(rec.Headers, row.Header{Key: h.Key, Value: h.Value})
		}
		f.chunk.Records = append(f.chunk.Records, rec)
	}
	d.After(p.largest)
	attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
	done, err := d.DecodeAll(attempt, f.chunk.Records, f.chunk.Table)
	cancel()
	f.next = position
	if err != nil {
		f.rest = p.after(f.chunk.Records[:done], f.chunk.Records[done].Offset)
		f.next, f.gaps, f.cannot = f.rest.from, f.rest.from-p.from-int64(done), err
		f.chunk.Records = f.chunk.Records[:done]
	}
	f.chunk.Measure()
	t.stats.decodeNanos.Add(int64(time.Since(start)))
	t.stats.decoded.Add(int64(len(f.chunk.Records)))
	return f
}
