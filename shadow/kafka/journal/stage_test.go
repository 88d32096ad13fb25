package journal_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/shadow/kafka/journal"
	"parallax/shadow/stage"
)

func TestAStageRecordIsReadAsItWasWritten(t *testing.T) {
	stages := []stage.Stage{{}, {Kind: stage.Canary, Percent: 0.5}, {Kind: stage.Canary, Percent: 25}, {Kind: stage.Promoted}, {Kind: stage.Done}}
	rapid.Check(t, func(r *rapid.T) {
		want := journal.StageRecord{Group: rapid.String().Draw(r, "group"), Generation: rapid.Int64Range(1, math.MaxInt64).Draw(r, "generation")}
		want.Change = stage.Change{
			From: rapid.SampledFrom(stages).Draw(r, "from"), To: rapid.SampledFrom(stages).Draw(r, "to"), Step: rapid.IntRange(-1, 9).Draw(r, "step"),
			At: time.Unix(rapid.Int64Range(0, 1<<33).Draw(r, "at"), 0).UTC(), Who: rapid.StringMatching(`\pL*`).Draw(r, "who"), Why: rapid.StringMatching(`[\pL "]*`).Draw(r, "why"),
			IsForced: rapid.Bool().Draw(r, "forced"), Strikes: rapid.IntRange(0, 9).Draw(r, "strikes"), IsHeld: rapid.Bool().Draw(r, "held"),
			Position: rapid.Int64Range(0, math.MaxInt64).Draw(r, "position"),
		}
		value, err := want.Value()
		if err != nil {
			r.Fatal(err)
		}
		got, err := journal.ParseStageRecord(value)
		if err != nil || !reflect.DeepEqual(got, want) {
			r.Fatalf("%+v, %v\nwant %+v", got, err, want)
		}
	})
}

func TestWhatIsNotAStageRecordIsRefused(t *testing.T) {
	for want, value := range map[string]string{
		"it is not a change":              "",
		"the length of the group":         "\x02",
		"generation is 0":                 "\x02\x01g\x00{}",
		"the change of stage cannot":      "\x02\x01g\x01{",
		`unknown field "more"`:            "\x02\x01g\x01" + `{"more":1}`,
		`"elsewhere" is not a stage`:      "\x02\x01g\x01" + `{"to":"elsewhere"}`,
		"more follows":                    "\x02\x01g\x01{}{}",
		"it has 70000 bytes, more than 6": "\x02" + strings.Repeat("x", 69_999),
	} {
		if r, err := journal.ParseStageRecord([]byte(value)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q is read as %+v (%v), want an error with %q", value, r, err, want)
		}
	}
	if _, err := newCodec(t).Parse([]byte{3}); err == nil || !strings.Contains(err.Error(), "use the newer program") {
		t.Errorf("a record of a newer kind: %v", err)
	}
}
