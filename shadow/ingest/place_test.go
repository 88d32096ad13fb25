package ingest_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// arrival is what a sequencer of a test is told, and what a restart tells it again.
type arrival struct {
	*ingest.Sequencer
	parts    []row.TopicPartition
	events   map[row.TopicPartition][]string
	pushed   map[row.TopicPartition]int
	ended    map[row.TopicPartition]bool
	halted   map[row.TopicPartition]bool
	caughtUp map[row.TopicPartition]bool
}

func newArrival(parts []row.TopicPartition, events map[row.TopicPartition][]string) *arrival {
	a := &arrival{
		Sequencer: ingest.NewSequencer(testSources), parts: parts, events: events, pushed: map[row.TopicPartition]int{},
		ended: map[row.TopicPartition]bool{}, halted: map[row.TopicPartition]bool{}, caughtUp: map[row.TopicPartition]bool{},
	}
	for _, at := range parts {
		a.Add(at)
	}
	return a
}

// push pushes the records of a topic-partition up to an offset. Their timestamps go up and down.
func (a *arrival) push(at row.TopicPartition, to int) {
	from := a.pushed[at]
	if from >= to {
		return
	}
	c := chunkOf(at, int64(from), a.events[at][from:to]...)
	for i := range c.Records {
		if r := &c.Records[i]; r.State != row.NullValue {
			r.Timestamp = r.Offset * 31 % 17
		}
	}
	a.Push(at, c)
	a.pushed[at] = to
}

// restarted is a new sequencer at the place of this one, as JSON has it, that is told the rest.
func (a *arrival) restarted(t fataler) *arrival {
	text, err := json.Marshal(a.Place())
	if err != nil {
		t.Fatalf("%v", err)
	}
	var place ingest.Place
	if err := json.Unmarshal(text, &place); err != nil {
		t.Fatalf("%v", err)
	}
	b := newArrival(a.parts, a.events)
	if err := b.Restore(place); err != nil {
		t.Fatalf("%v", err)
	}
	if again := b.Place(); !reflect.DeepEqual(again, place) {
		t.Fatalf("restored to\n%+v\nwant\n%+v", again, place)
	}
	for _, at := range a.parts {
		b.pushed[at] = int(place.Part(at).Next)
		b.push(at, a.pushed[at])
		switch {
		case a.ended[at]:
			b.end(at)
		case a.halted[at]:
			b.halt(at)
		}
		b.setCaughtUp(at, a.caughtUp[at])
	}
	return b
}

func (a *arrival) end(at row.TopicPartition)  { a.End(at); a.ended[at] = true }
func (a *arrival) halt(at row.TopicPartition) { a.Halt(at); a.halted[at] = true }
func (a *arrival) setCaughtUp(at row.TopicPartition, yes bool) {
	a.CaughtUp(at, yes)
	a.caughtUp[at] = yes
}

type fataler interface{ Fatalf(string, ...any) }

// placed writes the records of a batch with all that their place in the order gives them.
func placed(b *row.Batch) (lines []string) {
	if b == nil {
		return nil
	}
	for i := range b.Len() {
		r := b.Record(i)
		lines = append(lines, fmt.Sprintf("batch %d position %d %s/%d@%d time %d watermark %d now %d", b.Seq, b.First+int64(i), r.Topic, r.Partition, r.Offset, r.EventTime, r.Watermark, r.Now))
	}
	return lines
}

var timeOrBad = rapid.OneOf(
	rapid.Custom(func(t *rapid.T) string { return fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "time")) }),
	rapid.SampledFrom([]string{"5", "bad", "null:3", "9"}))

// drawInput draws topic-partitions, in order, and their records.
func drawInput(r *rapid.T) (parts []row.TopicPartition, events map[row.TopicPartition][]string) {
	events = map[row.TopicPartition][]string{}
	for range rapid.IntRange(1, 4).Draw(r, "topic-partitions") {
		at := row.TopicPartition{Topic: rapid.SampledFrom([]string{"t", "a", "table"}).Draw(r, "topic"), Partition: rapid.Int32Range(0, 2).Draw(r, "partition")}
		if _, twice := events[at]; !twice {
			parts = append(parts, at)
			events[at] = rapid.SliceOfN(timeOrBad, 0, 12).Draw(r, "events")
		}
	}
	slices.SortFunc(parts, func(a, b row.TopicPartition) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return parts, events
}

func TestASequencerThatIsRestoredGoesOnLikeOneThatWasNotStopped(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		parts, events := drawInput(r)
		unbroken, broken := newArrival(parts, events), newArrival(parts, events)
		var want, got []string
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			at := rapid.SampledFrom(parts).Draw(r, "whose")
			done := unbroken.ended[at] || unbroken.halted[at]
			do := func(step func(*arrival)) { step(unbroken); step(broken) }
			switch what := rapid.SampledFrom([]string{"push", "push", "next", "next", "caught up", "idle", "end", "halt"}).Draw(r, "what"); {
			case what == "push" && !done:
				to := rapid.IntRange(unbroken.pushed[at], len(events[at])).Draw(r, "up to")
				do(func(a *arrival) { a.push(at, to) })
			case what == "next":
				limit := rapid.IntRange(1, 5).Draw(r, "limit")
				want, got = append(want, placed(unbroken.Next(ingest.AtMost(limit)))...), append(got, placed(broken.Next(ingest.AtMost(limit)))...)
			case what == "caught up":
				yes := rapid.Bool().Draw(r, "yes")
				do(func(a *arrival) { a.setCaughtUp(at, yes) })
			case what == "idle":
				do(func(a *arrival) { a.Idle(at) })
			case what == "end" && !done:
				do(func(a *arrival) { a.end(at) })
			case what == "halt" && !done:
				do(func(a *arrival) { a.halt(at) })
			}
			if rapid.IntRange(0, 3).Draw(r, "restart") == 0 {
				broken = broken.restarted(r)
			}
		}
		if !slices.Equal(got, want) {
			r.Fatalf("with restarts\n%s\nwithout\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if a, b := broken.Place(), unbroken.Place(); !reflect.DeepEqual(a, b) {
			r.Fatalf("with restarts at\n%+v\nwithout at\n%+v", a, b)
		}
	})
}

func TestAStopCutsABatchAtItsPositionAndWaitsForNothingBeyondIt(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		parts, events := drawInput(r)
		first := newArrival(parts, events)
		for _, at := range parts {
			first.push(at, len(events[at]))
			first.halt(at)
		}
		var all []string
		take := func(a *arrival) bool {
			lines := placed(a.Next(ingest.AtMost(rapid.IntRange(1, 5).Draw(r, "limit"))))
			for _, line := range lines {
				all = append(all, withoutBatch(line))
			}
			return lines != nil
		}
		for range rapid.IntRange(0, 3).Draw(r, "batches before the place") {
			take(first)
		}
		place := first.Place()
		for range rapid.IntRange(0, 4).Draw(r, "batches before the stop") {
			take(first)
		}
		stop := first.Place()
		before := slices.Clone(all)
		for take(first) {
		}
		want := slices.Clone(all)

		all = slices.Clone(before[:place.Position])
		second, ends := newArrival(parts, events), map[row.TopicPartition]int64{}
		if err := second.Restore(place); err != nil {
			r.Fatal(err)
		}
		for _, at := range parts {
			second.pushed[at] = int(place.Part(at).Next)
			ends[at] = stop.Part(at).Next
		}
		second.StopAt(ends, stop.Position)
		for _, at := range parts { // the records come one by one, and some that lie beyond the stop
			beyond := rapid.IntRange(int(ends[at]), len(events[at])).Draw(r, "beyond")
			for second.pushed[at] < beyond {
				second.push(at, second.pushed[at]+1)
				take(second)
			}
		}
		for take(second) {
		}
		at := second.Place()
		if !second.IsStopped() || !slices.Equal(all, before) || at.Order != stop.Order || at.Watermark != stop.Watermark || at.Now != stop.Now || at.Position != stop.Position {
			r.Fatalf("stopped: %v, at %+v with\n%s\nwant at %+v with\n%s", second.IsStopped(), at, strings.Join(all, "\n"), stop, strings.Join(before, "\n"))
		}
		second.Resume()
		for _, at := range parts {
			second.push(at, len(events[at]))
			second.halt(at)
		}
		for take(second) {
		}
		if second.IsStopped() || !slices.Equal(all, want) {
			r.Fatalf("after the stop\n%s\nwant\n%s", strings.Join(all, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestAStopWithFewerRecordsThanItsPositionEndsWithTheRecords(t *testing.T) {
	at := row.TopicPartition{Topic: "t"}
	a := newArrival([]row.TopicPartition{at}, map[row.TopicPartition][]string{at: {"1", "2", "3"}})
	a.StopAt(map[row.TopicPartition]int64{at: 2}, 5)
	if a.Next(ingest.AtMost(10)) != nil || a.IsStopped() {
		t.Error("it did not wait for records before the end")
	}
	a.push(at, 3)
	if b := a.Next(ingest.AtMost(10)); b.Len() != 2 || !a.IsStopped() || a.Next(ingest.AtMost(10)) != nil {
		t.Errorf("%d records, stopped: %v; want 2, and that it is", b.Len(), a.IsStopped())
	}
}

func TestAPlaceThatCannotBeIsRefused(t *testing.T) {
	at := row.TopicPartition{Topic: "t", Partition: 1}
	part := ingest.PlacePart{TopicPartition: at}
	good := ingest.Place{Watermark: row.NoWatermark, Now: -1, Parts: []ingest.PlacePart{part}}
	for want, spoil := range map[string]func(*ingest.Place){
		"position is -1":                   func(p *ingest.Place) { p.Position = -1 },
		"batch number is -2":               func(p *ingest.Place) { p.Batch = -2 },
		"watermark is -3":                  func(p *ingest.Place) { p.Watermark = -3 },
		"largest timestamp is -4":          func(p *ingest.Place) { p.Now = -4 },
		"t/1 twice":                        func(p *ingest.Place) { p.Parts = append(p.Parts, part) },
		"next offset of t/1 is -5":         func(p *ingest.Place) { p.Parts[0].Next = -5 },
		"largest event time of t/1 is -6":  func(p *ingest.Place) { p.Parts[0].Largest = -6 },
		"without an event time":            func(p *ingest.Place) { p.Parts[0].Joined = true },
		"a/7, which the job does not read": func(p *ingest.Place) { p.Parts[0].TopicPartition = row.TopicPartition{Topic: "a", Partition: 7} },
	} {
		place := good
		place.Parts = slices.Clone(good.Parts)
		spoil(&place)
		s := ingest.NewSequencer(testSources)
		s.Add(at)
		if err := s.Restore(place); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	a := newArrival([]row.TopicPartition{at}, map[row.TopicPartition][]string{at: {"1", "2"}})
	a.push(at, 2)
	a.Next(ingest.AtMost(1))
	if err := a.Restore(good); err == nil {
		t.Error("a sequencer that has taken records was restored")
	}
}

func TestATopicPartitionThatAPlaceDoesNotHaveBeginsAsAddLeavesIt(t *testing.T) {
	old, added := row.TopicPartition{Topic: "t"}, row.TopicPartition{Topic: "t", Partition: 1}
	a := newArrival([]row.TopicPartition{old}, map[row.TopicPartition][]string{old: {"7"}})
	a.Begin(old, 0)
	a.push(old, 1)
	a.Next(ingest.AtMost(1))
	s := ingest.NewSequencer(testSources)
	s.Add(old)
	s.Add(added)
	s.Begin(added, 40)
	if err := s.Restore(a.Place()); err != nil {
		t.Fatal(err)
	}
	place := s.Place()
	if got := *place.Part(added); got.Next != 40 || got.Joined || got.Seen {
		t.Errorf("%+v", got)
	}
	if got := *place.Part(old); got.Next != 1 || got.Largest != 7 || !got.Joined {
		t.Errorf("%+v", got)
	}
}

func TestATopicPartitionThatWasIdleAtTheStopLeavesTheWatermarkAfterIt(t *testing.T) {
	busy, idle := row.TopicPartition{Topic: "t"}, row.TopicPartition{Topic: "t", Partition: 1}
	a := newArrival([]row.TopicPartition{busy, idle}, map[row.TopicPartition][]string{busy: {"10", "30"}, idle: {"5"}})
	a.push(busy, 1)
	a.push(idle, 1)
	a.setCaughtUp(busy, true)
	a.setCaughtUp(idle, true)
	if b := a.Next(ingest.AtMost(10)); b.Len() != 2 || b.Watermark() != 5 {
		t.Fatalf("%v", placed(b))
	}
	a.Idle(idle)
	a = a.restarted(t)
	a.push(busy, 2)
	if b := a.Next(ingest.AtMost(10)); b.Len() != 1 || b.Watermark() != 30 {
		t.Errorf("%v, want the watermark 30", placed(b))
	}
}

func TestAStopWithMoreRecordsThanItsPositionEndsAtThePosition(t *testing.T) {
	at := row.TopicPartition{Topic: "t"}
	a := newArrival([]row.TopicPartition{at}, map[row.TopicPartition][]string{at: {"1", "2", "3", "4"}})
	a.push(at, 4)
	a.StopAt(map[row.TopicPartition]int64{at: 4}, 3)
	if b := a.Next(ingest.AtMost(10)); b.Len() != 3 || !a.IsStopped() || a.Next(ingest.AtMost(10)) != nil {
		t.Errorf("%d records, stopped: %v; want 3, and that it is", b.Len(), a.IsStopped())
	}
}
