package processortest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// Transcript is the output of a processor for an input as text, as golden files contain it. Each
// field consists of lines.
type Transcript struct {
	Output, Undecodable, Dispositions, DeadLetters string
}

// Transcribe returns the transcript of outcomes. Dead letters are ordered by rows, then records, because
// within a batch they are in this order and the result must not depend on batches.
func Transcribe(p *plan.Plan, outcomes []*row.Outcome) (Transcript, error) {
	lines, err := codec.NewLines(context.Background(), p.Sinks())
	if err != nil {
		return Transcript{}, err
	}
	var out []byte
	var undecodable, dispositions, dead, rows strings.Builder
	for _, o := range outcomes {
		for i := range o.Changes {
			if c := &o.Changes[i]; lines.Refused(c) != nil {
				fmt.Fprintf(&rows, "row of %s: %v\n", p.Queries[c.Query].Sink.Topic, lines.Refused(c))
				continue
			}
			out = append(lines.Append(out, o.Batch, &o.Changes[i]), '\n')
		}
		for i := range o.Batch.Len() {
			r := o.Batch.Record(i)
			fmt.Fprintf(&dispositions, "%s %s\n", place(r), o.Dispositions[i])
			if r.State == row.Undecodable {
				fmt.Fprintf(&undecodable, "%s\n", place(r))
			}
		}
		for i, d := range o.DeadLetters {
			if i > 0 && o.DeadLetters[i-1].Record == d.Record {
				continue // two queries refuse the record with the same error, which is one dead letter
			}
			fmt.Fprintf(&dead, "%s\n", place(o.Batch.Record(d.Record)))
		}
	}
	return Transcript{Output: string(out), Undecodable: undecodable.String(), Dispositions: dispositions.String(), DeadLetters: rows.String() + dead.String()}, nil
}

// place names a record: trades/0@17.
func place(r *row.Record) string {
	return fmt.Sprintf("%s/%d@%d", r.Topic, r.Partition, r.Offset)
}

// Collapse reduces "records out" to what counts for emit_scope='window' (level E3): the
// rows of each identity in order, consecutive equal ones once, identities in order of first
// appearance.
func Collapse(output string) (string, error) {
	type line struct {
		Topic     string          `json:"topic"`
		Key       json.RawMessage `json:"key"`
		Window    json.RawMessage `json:"window"`
		Value     json.RawMessage `json:"value"`
		Timestamp int64           `json:"timestamp"`
	}
	var identities []string
	rows := map[string][]string{}
	for text := range strings.Lines(output) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return "", fmt.Errorf("output line %q: %w", text, err)
		}
		identity := fmt.Sprintf("%s %s %s", l.Topic, l.Key, l.Window)
		is := fmt.Sprintf("%s at %d", l.Value, l.Timestamp)
		have, seen := rows[identity]
		if !seen {
			identities = append(identities, identity)
		}
		if len(have) == 0 || have[len(have)-1] != is {
			rows[identity] = append(have, is)
		}
	}
	var b strings.Builder
	for _, identity := range identities {
		for _, is := range rows[identity] {
			fmt.Fprintf(&b, "%s: %s\n", identity, is)
		}
	}
	return b.String(), nil
}

// DiffLines returns the differing lines of two texts: "-" for a wanted line that is
// missing, "+" for an unwanted one. It is "" if the texts are equal.
func DiffLines(want, got string) string {
	if want == got {
		return ""
	}
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	// longest[i][j] is how many lines a[i:] and b[j:] have in common, in order.
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var out strings.Builder
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			if a[i] != "" {
				fmt.Fprintf(&out, "  %s\n", a[i])
			}
			i++
			j++
		case i < len(a) && (j == len(b) || longest[i+1][j] >= longest[i][j+1]):
			fmt.Fprintf(&out, "- %s\n", a[i])
			i++
		default:
			fmt.Fprintf(&out, "+ %s\n", b[j])
			j++
		}
	}
	return out.String()
}
