package produce

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parallax/shadow/workload"
)

// A stream into one topic takes another's name, and one into several is cut down to
// those that are named; topics that it has not are an error that lists those that it has.
func TestAStreamGoesIntoTheTopicsThatAreNamed(t *testing.T) {
	for _, c := range []struct {
		scenario, topic string
		want            map[string]int // records by topic
		fails           string
	}{
		{"3b", "", map[string]int{"market_data": 100}, ""},
		{"3b", "mine", map[string]int{"mine": 100}, ""},
		{"nexmark", "", map[string]int{"person": 2, "auction": 6, "bid": 92}, ""},
		{"nexmark", "bid,person", map[string]int{"person": 2, "bid": 92}, ""},
		{"nexmark", "bid,mine", nil, "topic mine: the scenario nexmark has topics person, auction, bid"},
		{"3z", "", nil, "nexmark"},
	} {
		t.Run(fmt.Sprintf("%s into %q", c.scenario, c.topic), func(t *testing.T) {
			s, err := Open(c.scenario, workload.Options{Records: 100, Seed: 1, Partitions: 1})
			if err == nil && c.topic != "" {
				s, err = s.Into(c.topic)
			}
			if c.fails != "" {
				if err == nil || !strings.HasSuffix(err.Error(), c.fails) {
					t.Errorf("the error is %v, want %q", err, c.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := WriteLines(&out, s); err != nil {
				t.Fatal(err)
			}
			if lines := bytes.Count(out.Bytes(), []byte("\n")); lines == 0 {
				t.Fatal("no lines are written")
			}
			for topic, n := range c.want {
				if !slices.Contains(s.Topics, topic) {
					t.Errorf("the topics are %v, without %s", s.Topics, topic)
				}
				if got := strings.Count(out.String(), fmt.Sprintf(`"topic":%q`, topic)); got != n {
					t.Errorf("%s has %d records, want %d", topic, got, n)
				}
			}
			if len(s.Topics) != len(c.want) {
				t.Errorf("the topics are %v, want %v", s.Topics, c.want)
			}
		})
	}
}
