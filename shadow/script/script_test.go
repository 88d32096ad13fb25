package script_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
	"parallax/shadow/ingest"
	"parallax/shadow/script"
)

// file is a file in memory that knows whether it was closed.
type file struct {
	bytes.Buffer
	closed bool
}

func (f *file) Close() error { f.closed = true; return nil }

const totals = `CREATE STREAM s (k STRING, n BIGINT) WITH (kafka_topic='in', value_format='JSON');
CREATE TABLE t WITH (kafka_topic='out') AS SELECT k, SUM(n) AS total FROM s GROUP BY k EMIT CHANGES;`

func run(t *testing.T, input string, out io.Writer, report func(kind, what, detail string), create func() (io.WriteCloser, error)) (script.Result, error) {
	t.Helper()
	p, err := plan.Compile(totals, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v1, err := factory.New(processors.Config{Architecture: processors.ArchitectureV1}, p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer v1.Close()
	r := script.Run{
		Plan: p, Processor: v1, Records: strings.NewReader(input), Name: "records", Out: out,
		Options: ingest.FileOptions{Batch: 2, Flush: true}, Refused: script.NewRefused(p.Sources, report, create),
	}
	return r.Do(t.Context())
}

func TestRowsAreLinesAndWhatDoesNotDecodeIsReportedAndInTheFile(t *testing.T) {
	var out bytes.Buffer
	dead := &file{}
	var reports []string
	result, err := run(t, `{"value":{"k":"a","n":1}}
{"value":"no JSON object"}
{"value":{"k":"a","n":2}}
`, &out, func(kind, what, _ string) { reports = append(reports, kind+" "+what) }, func() (io.WriteCloser, error) { return dead, nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); got != 2 || !strings.Contains(out.String(), `"TOTAL":3`) {
		t.Errorf("the rows are\n%s", out.String())
	}
	if len(reports) != 1 || reports[0] != "undecodable in/0@1" {
		t.Errorf("reported %q", reports)
	}
	if !dead.closed || strings.Count(dead.String(), "\n") != 1 || !strings.Contains(dead.String(), `"offset":1`) {
		t.Errorf("closed %v, the file has\n%s", dead.closed, dead.String())
	}
	if want := (script.Counts{Records: 3, Rows: 2, Undecodable: 1}); result.Counts != want || result.RefusedRows != 0 {
		t.Errorf("counted %+v, want %+v", result, want)
	}
}

func TestAfterAnErrorTheRowsBeforeItAreWritten(t *testing.T) {
	var out bytes.Buffer
	_, err := run(t, `{"value":{"k":"a","n":1}}
{"value":{"k":"b","n":1}}
no record
`, &out, func(string, string, string) {}, nil)
	if err == nil || !strings.Contains(err.Error(), "records:3: ") {
		t.Errorf("the error is %v, want one of line 3", err)
	}
	if strings.Count(out.String(), "\n") != 2 {
		t.Errorf("the rows are\n%s", out.String())
	}
}

func TestAFileThatCannotBeCreatedEndsTheRunBeforeARow(t *testing.T) {
	var out bytes.Buffer
	refused := errors.New("no permission")
	_, err := run(t, `{"value":{"k":"a","n":1}}`, &out, func(string, string, string) {}, func() (io.WriteCloser, error) { return nil, refused })
	if !errors.Is(err, refused) || out.Len() > 0 {
		t.Errorf("the error is %v, the rows are %s", err, out.String())
	}
}
