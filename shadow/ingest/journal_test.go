package ingest_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// TestAJournalRepeatsTheOrderThatArrivalDecided has records arrive at random while topic-partitions are
// at their live ends, end and fall idle, and replays a part of the order between two batches with the
// journal of that part: the records come one by one, in another order of topic-partitions.
func TestAJournalRepeatsTheOrderThatArrivalDecided(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		parts, events := drawInput(r)
		first := newArrival(parts, events)
		first.KeepJournal()
		var journal ingest.Journal
		var lines []string
		places := []ingest.Place{first.Place()}
		next := func() {
			batch := placed(first.Next(ingest.AtMost(rapid.IntRange(1, 5).Draw(r, "limit"))))
			for _, line := range batch {
				lines = append(lines, withoutBatch(line))
			}
			if batch != nil {
				places = append(places, first.Place())
			}
			first.AppendJournal(&journal)
		}
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			at := rapid.SampledFrom(parts).Draw(r, "whose")
			done := first.ended[at] || first.halted[at]
			switch what := rapid.SampledFrom([]string{"push", "push", "next", "next", "caught up", "idle", "end", "halt"}).Draw(r, "what"); {
			case what == "push" && !done:
				first.push(at, rapid.IntRange(first.pushed[at], len(events[at])).Draw(r, "up to"))
			case what == "next":
				next()
			case what == "caught up":
				first.setCaughtUp(at, rapid.Bool().Draw(r, "is"))
			case what == "idle":
				first.Idle(at)
			case what == "end" && !done:
				first.end(at)
			case what == "halt" && !done:
				first.halt(at)
			}
		}
		next()
		from := rapid.IntRange(0, len(places)-1).Draw(r, "from")
		to := rapid.IntRange(from, len(places)-1).Draw(r, "to")
		place, stop := places[from], places[to]
		journal.Cut(place.Position)
		of := journal.Cut(stop.Position)

		second, ends := newArrival(parts, events), map[row.TopicPartition]int64{}
		if err := second.Restore(place); err != nil {
			r.Fatal(err)
		}
		for _, at := range parts {
			second.pushed[at] = int(place.Part(at).Next)
			ends[at] = stop.Part(at).Next
		}
		second.StopAt(ends, stop.Position)
		if err := second.Follow(of); err != nil {
			r.Fatal(err)
		}
		var got []string
		take := func() {
			for {
				batch := placed(second.Next(ingest.AtMost(rapid.IntRange(1, 5).Draw(r, "limit"))))
				if batch == nil {
					return
				}
				for _, line := range batch {
					got = append(got, withoutBatch(line))
				}
			}
		}
		for {
			var left []row.TopicPartition
			for _, at := range parts {
				if second.pushed[at] < first.pushed[at] {
					left = append(left, at)
				}
			}
			if len(left) == 0 {
				break
			}
			at := rapid.SampledFrom(left).Draw(r, "which comes")
			second.push(at, second.pushed[at]+1)
			if rapid.IntRange(0, 2).Draw(r, "take") == 0 {
				take()
			}
		}
		take()
		want := lines[place.Position:stop.Position]
		if at := second.Place(); !second.IsStopped() || !slices.Equal(got, want) || at.Order != stop.Order || at.Watermark != stop.Watermark {
			r.Fatalf("replayed with %+v, stopped: %v, at %+v\n%s\nwant at %+v\n%s", of, second.IsStopped(), at, strings.Join(got, "\n"), stop, strings.Join(want, "\n"))
		}
	})
}

// withoutBatch cuts the number of the batch, which depends on the cuts, off a line of placed.
func withoutBatch(line string) string {
	_, line, _ = strings.Cut(line, " position")
	return line
}

func TestNothingIsKeptWhereAllTopicPartitionsHaveRecords(t *testing.T) {
	a, b := row.TopicPartition{Topic: "a"}, row.TopicPartition{Topic: "b"}
	first := newArrival([]row.TopicPartition{a, b}, map[row.TopicPartition][]string{a: {"1", "3", "5"}, b: {"2", "4", "6"}})
	first.KeepJournal()
	first.push(a, 3)
	first.push(b, 3)
	first.setCaughtUp(a, true)
	first.setCaughtUp(b, true)
	first.Next(ingest.AtMost(5))
	var journal ingest.Journal
	if first.AppendJournal(&journal); !journal.IsEmpty() {
		t.Errorf("%+v", journal)
	}
	first.Idle(a)
	first.Next(ingest.AtMost(5))
	first.AppendJournal(&journal)
	want := ingest.Journal{Parts: []row.TopicPartition{a, b}, Runs: []ingest.Run{{5, 1, 1}}, Departures: []ingest.Departure{{5, 0}}}
	if !reflect.DeepEqual(journal, want) {
		t.Errorf("%+v, want %+v", journal, want)
	}
}

func TestAJournalIsCutWithinARun(t *testing.T) {
	all := ingest.Journal{Runs: []ingest.Run{{2, 3, 0}, {7, 10, 1}}, Departures: []ingest.Departure{{4, 0}, {9, 1}}}
	before := all.Cut(9)
	if want := (ingest.Journal{Runs: []ingest.Run{{2, 3, 0}, {7, 2, 1}}, Departures: []ingest.Departure{{4, 0}}}); !reflect.DeepEqual(before, want) {
		t.Errorf("before: %+v, want %+v", before, want)
	}
	if want := (ingest.Journal{Runs: []ingest.Run{{9, 8, 1}}, Departures: []ingest.Departure{{9, 1}}}); !reflect.DeepEqual(all, want) {
		t.Errorf("after: %+v, want %+v", all, want)
	}
	before.Append(&all)
	if want := (ingest.Journal{Runs: []ingest.Run{{2, 3, 0}, {7, 10, 1}}, Departures: []ingest.Departure{{4, 0}, {9, 1}}}); !reflect.DeepEqual(before, want) {
		t.Errorf("joined: %+v, want %+v", before, want)
	}
}

func TestACompactJournalHasTheTopicPartitionsThatItRefersTo(t *testing.T) {
	a, b, c, d := row.TopicPartition{Topic: "a"}, row.TopicPartition{Topic: "b"}, row.TopicPartition{Topic: "c"}, row.TopicPartition{Topic: "d"}
	j := ingest.Journal{Parts: []row.TopicPartition{a, b, c, d}, Runs: []ingest.Run{{2, 3, 3}, {7, 10, 1}, {17, 1, 3}}, Departures: []ingest.Departure{{4, 1}, {9, 0}}}
	want := ingest.Journal{Parts: []row.TopicPartition{d, b, a}, Runs: []ingest.Run{{2, 3, 0}, {7, 10, 1}, {17, 1, 0}}, Departures: []ingest.Departure{{4, 1}, {9, 2}}}
	if j.Compact(); !reflect.DeepEqual(j, want) {
		t.Errorf("%+v, want %+v", j, want)
	}
}

// TestAReplayStopsWhereTheJournalNamesARecordThatIsNotThere, and does not wait for it for ever.
func TestAReplayStopsWhereTheJournalNamesARecordThatIsNotThere(t *testing.T) {
	a, b := row.TopicPartition{Topic: "a"}, row.TopicPartition{Topic: "b"}
	second := newArrival([]row.TopicPartition{a, b}, map[row.TopicPartition][]string{a: {"1"}, b: {"2", "3"}})
	second.StopAt(map[row.TopicPartition]int64{a: 2, b: 2}, 4)
	if err := second.Follow(ingest.Journal{Parts: []row.TopicPartition{a, b}, Runs: []ingest.Run{{0, 2, 0}, {2, 2, 1}}}); err != nil {
		t.Fatal(err)
	}
	second.push(b, 2)
	if second.Next(ingest.AtMost(5)) != nil || second.IsStopped() {
		t.Error("it did not wait for the topic-partition that the journal names")
	}
	second.push(a, 1)
	if got := second.Next(ingest.AtMost(5)); got.Len() != 1 || second.IsStopped() {
		t.Errorf("%v", placed(got))
	}
	second.setCaughtUp(a, true) // the second record was removed
	if second.Next(ingest.AtMost(5)) != nil || !second.IsStopped() {
		t.Error("it waits for a record that does not come")
	}
	if err := second.Follow(ingest.Journal{Parts: []row.TopicPartition{{Topic: "c"}}}); err == nil || !strings.Contains(err.Error(), "c/0, which the job does not read") {
		t.Error(err)
	}
}
