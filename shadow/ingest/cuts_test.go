package ingest_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// inputOrder is the definition, told slowly: with all records at hand, take the
// best head, let those leave that have no record left, and take the minimum.
func inputOrder(input map[row.TopicPartition][]string) []string {
	var all []row.TopicPartition
	for at := range input {
		all = append(all, at)
	}
	slices.SortFunc(all, func(a, b row.TopicPartition) int {
		return strings.Compare(fmt.Sprintf("%s/%03d", a.Topic, a.Partition), fmt.Sprintf("%s/%03d", b.Topic, b.Partition))
	})
	taken, largest := map[row.TopicPartition]int{}, map[row.TopicPartition]int64{}
	watermark := int64(row.NoWatermark)
	var out []string
	for {
		var best row.TopicPartition
		bestTime, found := int64(0), false
		for _, at := range all {
			if taken[at] == len(input[at]) {
				continue
			}
			if now := timeOf(input[at][taken[at]]); !found || now < bestTime {
				best, bestTime, found = at, now, true
			}
		}
		if !found {
			return out
		}
		event := input[best][taken[best]]
		line := fmt.Sprintf("%s/%d@%d", best.Topic, best.Partition, taken[best])
		switch own, isNull := strings.CutPrefix(event, "null:"); {
		case event == "bad":
			line += " undecodable"
		case isNull:
			if max, ok := largest[best]; ok {
				own = fmt.Sprint(max)
			}
			line += " time " + own + " null"
		default:
			if max, ok := largest[best]; !ok || bestTime > max {
				largest[best] = bestTime
			}
			line += " time " + event
		}
		lowest, any := int64(0), false
		for _, at := range all {
			max, joined := largest[at]
			left := taken[at] == len(input[at]) // before this record
			if joined && !left && at.Topic != "table" && (!any || max < lowest) {
				lowest, any = max, true
			}
		}
		if any && lowest > watermark {
			watermark = lowest
		}
		taken[best]++
		if watermark == row.NoWatermark {
			line += " watermark none"
		} else {
			line += fmt.Sprintf(" watermark %d", watermark)
		}
		out = append(out, line)
	}
}

func timeOf(event string) int64 {
	if n, err := strconv.ParseInt(event, 10, 64); err == nil {
		return n
	}
	return -1
}

func TestTheInputOrderIsThatOfTheDefinitionHoweverRecordsArriveAndAreCut(t *testing.T) {
	events := rapid.SliceOfN(rapid.OneOf(
		rapid.Custom(func(t *rapid.T) string { return fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "time")) }),
		rapid.SampledFrom([]string{"5", "bad", "null:3", "9"})), 0, 12)
	rapid.Check(t, func(r *rapid.T) {
		input := map[row.TopicPartition][]string{}
		for range rapid.IntRange(1, 5).Draw(r, "topic-partitions") {
			at := row.TopicPartition{
				Topic:     rapid.SampledFrom([]string{"t", "a", "table"}).Draw(r, "topic"),
				Partition: rapid.Int32Range(0, 2).Draw(r, "partition"),
			}
			input[at] = events.Draw(r, "events")
		}
		s := ingest.NewSequencer(testSources)
		var waiting []row.TopicPartition
		for at := range input {
			waiting = append(waiting, at)
		}
		slices.SortFunc(waiting, func(a, b row.TopicPartition) int {
			return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
		})
		for _, at := range waiting {
			s.Add(at)
		}
		var got []string
		var seq, first int64
		next := func(limit int) {
			b := s.Next(ingest.AtMost(limit))
			if b == nil {
				return
			}
			if b.Len() > limit || b.Seq != seq || b.First != first {
				r.Fatalf("batch %d of %d records from %d; want batch %d of at most %d from %d", b.Seq, b.Len(), b.First, seq, limit, first)
			}
			seq, first = seq+1, first+int64(b.Len())
			got = append(got, shown(t, b)[1:]...)
		}
		pushed := map[row.TopicPartition]int{}
		for len(waiting) > 0 {
			i := rapid.IntRange(0, len(waiting)-1).Draw(r, "whose")
			at := waiting[i]
			from, to := pushed[at], rapid.IntRange(pushed[at], len(input[at])).Draw(r, "up to")
			s.Push(at, chunkOf(at, int64(from), input[at][from:to]...))
			if pushed[at] = to; to == len(input[at]) && rapid.Bool().Draw(r, "ends") {
				s.End(at)
				waiting = slices.Delete(waiting, i, i+1)
			}
			if limit := rapid.IntRange(0, 4).Draw(r, "limit"); limit > 0 {
				next(limit)
			}
		}
		for !s.Done() {
			next(rapid.IntRange(1, 7).Draw(r, "limit"))
		}
		if want := inputOrder(input); !slices.Equal(got, want) {
			r.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for at := range input {
			if held := s.Held(at); held != 0 {
				r.Fatalf("%v holds %d bytes at the end", at, held)
			}
		}
	})
}
