package processortest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// maxFuture is how far a timestamp= column may be after the record's own time in goldens
// and random inputs: the default of a job.
const maxFuture = time.Hour

// short is the readable format of a record:
//
//	[TOPIC] [pPARTITION] TIME [KEY ->] VALUE
//
// TIME is the record's own timestamp in ms, or - for none. KEY is JSON. VALUE is used
// unchanged, JSON or not; null is a null value.
var short = regexp.MustCompile(`^(?:([a-z][a-z-]*) )?(?:p(\d+) )?(-|\d+) (?:(\S+|"[^"]*") -> )?(.*)$`)

// Lines converts a golden's input to "records in". A line is a record in that format (it
// starts with a brace) or in the short one. Empty lines and lines that start with # are
// skipped.
func Lines(input string) (string, error) {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(input) {
		n++
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '{':
			b.WriteString(line + "\n")
			continue
		}
		m := short.FindStringSubmatch(line)
		if m == nil {
			return "", fmt.Errorf("input line %d is no record: %s", n, line)
		}
		if err := writeShort(&b, m[1], m[2], m[3], m[4], m[5]); err != nil {
			return "", fmt.Errorf("input line %d: %w", n, err)
		}
	}
	return b.String(), nil
}

func writeShort(b *strings.Builder, topic, partition, at, key, value string) error {
	b.WriteByte('{')
	if topic != "" {
		fmt.Fprintf(b, `"topic":%q,`, topic)
	}
	if partition != "" {
		fmt.Fprintf(b, `"partition":%s,`, partition)
	}
	if at != "-" {
		fmt.Fprintf(b, `"timestamp":%s,`, at)
	}
	if key != "" {
		if !json.Valid([]byte(key)) {
			return fmt.Errorf("key %s is no JSON", key)
		}
		fmt.Fprintf(b, `"key":%s,`, key)
	}
	if !json.Valid([]byte(value)) || strings.TrimSpace(value) != value {
		raw, err := json.Marshal([]byte(value)) // base64
		if err != nil {
			return err
		}
		value = fmt.Sprintf(`{"$bytes":%s}`, raw)
	}
	fmt.Fprintf(b, "\"value\":%s}\n", value)
	return nil
}

// ReadBatches reads "records in" for a plan, in batches of at most size records,
// and with flush the flush after them.
func ReadBatches(p *plan.Plan, lines string, size int, flush bool) ([]*row.Batch, error) {
	in, err := ingest.NewFileReader(context.Background(), strings.NewReader(lines), "input", p.Sources, ingest.FileOptions{
		Batch: min(size, strings.Count(lines, "\n")+1), Flush: flush, MaxFuture: maxFuture, // capacity is allocated for whole batches
	})
	if err != nil {
		return nil, err
	}
	var batches []*row.Batch
	for {
		b, err := in.Next(context.Background())
		switch {
		case errors.Is(err, io.EOF):
			return batches, nil
		case err != nil:
			return nil, err
		}
		batches = append(batches, b)
	}
}
