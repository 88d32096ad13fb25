package emission_test

import (
	"fmt"
	"testing"

	"parallax/processors/row"
	"parallax/shadow/emission"
	"parallax/shadow/stage"
)

var sinks = []*row.Sink{
	{Name: "KEYED", Key: []row.Column{{Name: "K", Type: row.Of(row.String)}}, Values: []row.Column{{Name: "V", Type: row.Of(row.Bigint)}}},
	{Name: "PLAIN", Values: []row.Column{{Name: "V", Type: row.Of(row.Bigint)}}},
}

// at makes a row; key "" is an output without a key, and value nil a deletion.
func at(position int64, key string, value any) row.Change {
	c := row.Change{Position: position, Phase: 1, Cause: int32(position)}
	if key == "" {
		c.Query = 1
	} else {
		c.Key = []row.Value{row.NewString(key)}
	}
	switch v := value.(type) {
	case int:
		c.Values = []row.Value{row.NewBigint(int64(v))}
	case string:
		c.Values = []row.Value{row.NewString(v)}
	}
	return c
}

func text(rows []row.Change) (list []string) {
	for _, c := range rows {
		list = append(list, fmt.Sprintf("%d %v %v", c.Position, c.Key, c.Values))
	}
	return list
}

func TestV2sRowsTakeThePlacesOfV1sRowsOfTheirKeys(t *testing.T) {
	promoted, canary := stage.Stage{Kind: stage.Promoted}, stage.Stage{Kind: stage.Canary, Percent: 99.999999}
	v1 := []row.Change{at(1, "a", 1), at(2, "b", 2), at(3, "a", 3), at(4, "b", nil)}
	plain := []row.Change{at(1, "", 1), at(2, "", 2)}
	for _, c := range []struct {
		name     string
		in       stage.Stage
		one, two []row.Change
		want     []row.Change
		ofV2     int64
	}{
		{"in step", promoted, v1, []row.Change{at(1, "a", 10), at(2, "b", 2), at(3, "a", 30), at(4, "b", nil)}, []row.Change{at(1, "a", 10), at(2, "b", 2), at(3, "a", 30), at(4, "b", nil)}, 4},
		{"in another order of the keys", promoted, v1, []row.Change{at(2, "b", 20), at(4, "b", nil), at(1, "a", 10), at(3, "a", 30)}, []row.Change{at(1, "a", 10), at(2, "b", 20), at(3, "a", 30), at(4, "b", nil)}, 4},
		{"a value for a deletion", promoted, v1, []row.Change{at(1, "a", 1), at(2, "b", nil), at(3, "a", 3), at(4, "b", 4)}, []row.Change{at(1, "a", 1), at(2, "b", nil), at(3, "a", 3), at(4, "b", 4)}, 4},
		{"a value of another type", promoted, v1, []row.Change{at(1, "a", "one"), at(2, "b", 20), at(3, "a", 3), at(4, "b", nil)}, []row.Change{at(1, "a", 1), at(2, "b", 20), at(3, "a", 3), at(4, "b", nil)}, 3},
		{"an accepted row more", promoted, v1, []row.Change{at(1, "a", 1), at(2, "b", 2), at(3, "a", 3), at(3, "b", 7), at(4, "b", nil)}, []row.Change{at(1, "a", 1), at(2, "b", 2), at(3, "a", 3), at(3, "b", 7), at(4, "b", nil)}, 5},
		{"an accepted row less", promoted, v1, []row.Change{at(1, "a", 1), at(3, "a", 30), at(4, "b", nil)}, []row.Change{at(1, "a", 1), at(3, "a", 30), at(4, "b", nil)}, 3},
		{"no key, promoted", promoted, plain, []row.Change{at(1, "", 10), at(2, "", 20)}, []row.Change{at(1, "", 10), at(2, "", 20)}, 2},
		{"no key, canary", canary, plain, []row.Change{at(1, "", 10), at(2, "", 20)}, plain, 0},
		{"shadow", stage.Stage{}, v1, []row.Change{at(1, "a", 10), at(2, "b", 2), at(3, "a", 30), at(4, "b", nil)}, v1, 0},
	} {
		before := fmt.Sprint(text(c.one))
		s := emission.Substitution{Sinks: sinks, Choice: emission.NewChoice("salt")}
		got, ofV2 := s.Rows(c.in, c.one, c.two, false)
		if fmt.Sprint(text(got)) != fmt.Sprint(text(c.want)) || ofV2 != c.ofV2 {
			t.Errorf("%s: %q, %d of V2, want %q, %d", c.name, text(got), ofV2, text(c.want), c.ofV2)
		}
		if after := fmt.Sprint(text(c.one)); after != before {
			t.Errorf("%s: V1's rows were modified: %s", c.name, after)
		}
	}
}

// What V2 does with its memory after it was compared has no effect on what is emitted.
func TestNothingOfV2sMemoryIsEmitted(t *testing.T) {
	one, two := []row.Change{at(1, "a", 1), at(2, "b", 2)}, []row.Change{at(1, "a", 1), at(2, "b", 20)}
	s := emission.Substitution{Sinks: sinks, Choice: emission.NewChoice("salt")}
	got, _ := s.Rows(stage.Stage{Kind: stage.Promoted}, one, two, false)
	before := fmt.Sprint(text(got))
	for i := range two {
		two[i].Values[0], two[i].Key[0] = row.NewBigint(-1), row.NewString("zzz")
	}
	if after := fmt.Sprint(text(got)); after != before {
		t.Errorf("%s became %s", before, after)
	}
}
