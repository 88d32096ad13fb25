package diff_test

import (
	"errors"
	"fmt"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// tableSink is a sink with a key and without windows; sequenceSink one without both.
func tableSink() *row.Sink {
	s := sink()
	s.Windowed = false
	return s
}

func sequenceSink() *row.Sink {
	s := sink()
	s.Windowed, s.Key = false, nil
	return s
}

// frontier is one batch: the rows of both sides, as in the ladder's table, and the watermark
// after it. A batch that V2 does not process has skip.
type frontier struct {
	v1, v2    []string
	watermark int64
	skip      bool
}

// play compares batches, and returns the level held after each.
func play(t *testing.T, s *row.Sink, steps []frontier) (held []diff.Level, d *diff.Differ) {
	t.Helper()
	d = diff.New([]*row.Sink{s}, diff.Options{})
	watermark := int64(row.NoWatermark)
	for i, f := range steps {
		records := make([]row.Record, 8)
		for n := range records {
			records[n] = row.Record{TopicPartition: row.TopicPartition{Topic: "in"}, Offset: int64(n), Watermark: watermark}
		}
		if f.watermark != 0 {
			watermark = f.watermark
			records[7].Watermark = watermark
		}
		b := row.NewBatch(int64(i), int64(8*i), records, nil)
		rows := func(lines []string) []row.Change {
			list := batches(t, lines)[0]
			for n := range list {
				list[n].Position += int64(8 * i)
				if !s.Windowed {
					list[n].WindowEnd = 0
				}
				if len(s.Key) == 0 {
					list[n].Key = nil
				}
			}
			return list
		}
		if f.skip {
			d.NotComparable(outcome(b, rows(f.v1)))
		} else {
			d.Compare(outcome(b, rows(f.v1)), outcome(b, rows(f.v2)))
		}
		held = append(held, d.LevelHeld())
	}
	return held, d
}

// E5 and E6 are about rows at the end: of windows that have closed, and of the table. The
// windows of these rows end at 60,000 and close at 61,000.
func TestLevelsOfFinalRows(t *testing.T) {
	for _, c := range []struct {
		name  string
		sink  *row.Sink
		steps []frontier
		want  string
	}{
		{"V2's value comes a batch later, and the window closes with it", sink(), []frontier{
			{v1: []string{"0 0 a 1 10"}},
			{v2: []string{"0 0 a 1 10"}},
			{watermark: 61_000},
		}, "[none E6 E5]"},
		{"the window closes with another value", sink(), []frontier{
			{v1: []string{"0 0 a 1 10"}, v2: []string{"0 0 a 2 10"}, watermark: 61_000},
		}, "[none]"},
		{"one window of two closes with another value", sink(), []frontier{
			{v1: []string{"0 0 a 1 10", "1 0 b 1 10"}, v2: []string{"0 0 a 1 10"}},
			{watermark: 61_000},
		}, "[none none]"},
		{"a row after the window has closed", sink(), []frontier{
			{v1: []string{"0 0 a 1 10"}, v2: []string{"0 0 a 1 10"}, watermark: 61_000},
			{v2: []string{"0 0 a 2 10"}},
		}, "[E1 none]"},
		{"the right row after the window has closed", sink(), []frontier{
			{v1: []string{"0 0 a 1 10"}, v2: []string{"0 0 a 1 10"}, watermark: 61_000},
			{v2: []string{"0 0 a 1 10"}},
		}, "[E1 none]"},
		{"a table that differs and meets again", tableSink(), []frontier{
			{v1: []string{"0 0 a 1 10"}, v2: []string{"0 0 a 2 10"}},
			{v1: []string{"0 0 b 1 10"}, v2: []string{"0 0 b 1 10"}},
			{v1: []string{"0 0 a 3 10"}, v2: []string{"0 0 a 3 10"}},
		}, "[none none E6]"},
		{"a table that meets in a batch with another difference", tableSink(), []frontier{
			{v1: []string{"0 0 a 1 10"}, v2: []string{"0 0 a 2 10"}},
			{v1: []string{"0 0 a 3 10", "1 0 b 1 10"}, v2: []string{"0 0 a 3 10", "1 0 b 2 10"}},
			{v1: []string{"0 0 b 3 10"}, v2: []string{"0 0 b 3 10"}},
		}, "[none none E6]"},
		{"a deletion is the same as no row", tableSink(), []frontier{
			{v1: []string{"0 0 a 1 10"}, v2: []string{"0 0 a 1 10"}},
			{v1: []string{"0 0 a 2 10"}},
			{v1: []string{"0 0 a - 10"}, v2: []string{"0 0 a - 10"}},
		}, "[E1 none E6]"},
		{"rows of a sequence in another order", sequenceSink(), []frontier{
			{v1: []string{"0 0 - 1 10", "1 0 - 2 10"}, v2: []string{"0 0 - 2 10", "1 0 - 1 10"}},
		}, "[Zs]"},
		{"rows of a sequence a batch later", sequenceSink(), []frontier{
			{v1: []string{"0 0 - 1 10", "1 0 - 2 10"}, v2: []string{"0 0 - 1 10"}},
			{v1: []string{"0 0 - 3 10"}, v2: []string{"0 0 - 3 10", "0 0 - 2 10"}},
		}, "[none Ze]"},
		{"a row of a sequence twice for another one", sequenceSink(), []frontier{
			{v1: []string{"0 0 - 1 10", "1 0 - 2 10"}, v2: []string{"0 0 - 1 10", "1 0 - 1 10"}},
		}, "[none]"},
		{"a repeated row of a sequence holds E3, and no level of rows in any order", sequenceSink(), []frontier{
			{v1: []string{"0 0 - 1 10"}, v2: []string{"0 0 - 1 10", "1 0 - 1 10"}},
			{v1: []string{"0 0 - 2 10"}},
		}, "[E3 none]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			held, d := play(t, c.sink, c.steps)
			if got := fmt.Sprint(held); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if of := d.Result().Outputs[0].LevelHeld; of != held[len(held)-1] {
				t.Errorf("the output holds %s", of)
			}
		})
	}
}

// While V2 is away its last rows are unknown: windows that close then say nothing. Its
// successor starts with V1's state.
func TestWindowsThatCloseWhileV2IsAwaySayNothing(t *testing.T) {
	lag := []frontier{
		{v1: []string{"0 0 a 1 10"}, v2: []string{"0 0 a 2 10"}},
		{v1: []string{"0 0 b 1 10"}, watermark: 61_000, skip: true},
	}
	held, d := play(t, sink(), lag)
	if got := fmt.Sprint(held); got != "[none E6]" {
		t.Errorf("%s", got)
	}
	d.ArmError(batch(9), diff.V2, -1, errors.New("gone"))
	d.Succeeded(true)
	if got := d.LevelHeld(); got != diff.E6 {
		t.Errorf("%s after a successor took over", got)
	}
	held, d = play(t, tableSink(), lag[:1])
	if d.Succeeded(true); held[0] != diff.None || d.LevelHeld() != diff.E6 {
		t.Errorf("%s, and %s after a successor took over", held[0], d.LevelHeld())
	}
}

// What is required decides what a divergence is: these levels are about less than E4.
func TestADifferenceInOrderIsNoneWhereOnlyTheRowsAreRequired(t *testing.T) {
	for _, c := range []struct {
		sink   *row.Sink
		v1, v2 []string
		silent []diff.Level
		loud   []diff.Level
	}{
		{sequenceSink(), []string{"0 0 - 1 10", "1 0 - 2 10"}, []string{"0 0 - 2 10", "1 0 - 1 10"}, []diff.Level{diff.Zs, diff.Ze}, []diff.Level{diff.E3, diff.E4}},
		{sequenceSink(), []string{"0 0 - 1 10"}, []string{"0 0 - 1 10", "1 0 - 1 10"}, []diff.Level{diff.E3}, []diff.Level{diff.Zs, diff.Ze}},
		{tableSink(), []string{"0 0 a 1 10", "1 0 a 2 10"}, []string{"0 0 a 9 10", "1 0 a 2 10"}, []diff.Level{diff.E4, diff.E5, diff.E6}, []diff.Level{diff.E3r, diff.Zs}},
	} {
		rows := func(lines []string) []row.Change {
			list := batches(t, lines)[0]
			for i := range list {
				if list[i].WindowEnd = 0; len(c.sink.Key) == 0 {
					list[i].Key = nil
				}
			}
			return list
		}
		roots := func(l diff.Level) int64 {
			d := diff.New([]*row.Sink{c.sink}, diff.Options{Require: l})
			b := batch(0)
			d.Compare(outcome(b, rows(c.v1)), outcome(b, rows(c.v2)))
			return d.Result().Root
		}
		for _, l := range c.silent {
			if n := roots(l); n != 0 {
				t.Errorf("%v: %d roots at %s", c.v2, n, l)
			}
		}
		for _, l := range c.loud {
			if n := roots(l); n == 0 {
				t.Errorf("%v: no root at %s", c.v2, l)
			}
		}
	}
}

func TestWhichLevelsARunCanRequire(t *testing.T) {
	for l := diff.None; l <= diff.E0; l++ {
		err := diff.Config{RequireLevel: l}.Validate()
		if may := l >= diff.E4 && l <= diff.E1; (err == nil) != may {
			t.Errorf("%s: %v", l, err)
		}
	}
	err := diff.Config{RequireLevel: diff.E6}.Validate()
	if want := "diff.require_level: E6 cannot be required of a run, because two paths that differed throughout the run can end with the same table; use E1, E2, E2w, E3, E3r or E4"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}
