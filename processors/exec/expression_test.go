package exec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

// The one record that the tables in testdata are about, and its columns.
const (
	columns = `CREATE STREAM t (
		i INT, i_max INT, i_min INT, zero INT,
		l BIGINT, l_max BIGINT, l_min BIGINT,
		d DOUBLE, d_zero DOUBLE,
		m DECIMAL(10, 2), m_zero DECIMAL(10, 2), m_max DECIMAL(38, 0), m_fine DECIMAL(38, 20),
		s STRING, ts TIMESTAMP, yes BOOLEAN, no BOOLEAN,
		null_i INT, null_d DOUBLE, null_m DECIMAL(10, 2), null_s STRING, null_b BOOLEAN, null_t TIMESTAMP
	) WITH (kafka_topic='t', value_format='JSON');`
	record = `{"partition":3,"offset":41,"timestamp":1700000000123,"key":"k1","value":{` +
		`"i":7,"i_max":2147483647,"i_min":-2147483648,"zero":0,` +
		`"l":7000000000,"l_max":9223372036854775807,"l_min":-9223372036854775808,` +
		`"d":2.5,"d_zero":0,` +
		`"m":12.35,"m_zero":0,"m_max":99999999999999999999999999999999999999,"m_fine":123456789012345678.12345678901234567891,` +
		`"s":"na\u00efve_%","ts":1704164645678,"yes":true,"no":false}}` + "\n"
)

// TestExpressionsHaveTheValuesOfTheTables reads testdata/*.txt: a sentence,
// then lines of "expression => TYPE value" or "expression => error: text".
func TestExpressionsHaveTheValuesOfTheTables(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no tables: this shows nothing")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
				if i == 0 || line == "" || line[0] == '#' {
					continue
				}
				expression, want, ok := strings.Cut(line, " => ")
				if !ok {
					t.Fatalf("%s:%d: no => in %q", file, i+1, line)
				}
				if got := evaluate(t, strings.TrimSpace(expression)); got != want {
					t.Errorf("%s:%d: %s is %s, want %s", file, i+1, strings.TrimSpace(expression), got, want)
				}
			}
		})
	}
}

// evaluate returns an expression's type and value over the record.
func evaluate(t *testing.T, expression string) string {
	t.Helper()
	p := compile(t, columns+" SELECT "+expression+" AS x FROM t;")
	b := read(t, p, record, 1, false)[0]
	if state := b.Record(0).State; state != row.Decoded {
		t.Fatalf("the record is not decoded: %v", b.Record(0).Err)
	}
	out := run(t, p, exec.Options{ErrorsToDeadLetter: true}, b)
	if len(out.DeadLetters) > 0 {
		return "error: " + out.DeadLetters[0].Reason
	}
	v := out.Changes[0].Values[0]
	text := v.String()
	switch v.Kind() {
	case row.String:
		text = strconv.Quote(text)
	case row.Double:
		text = strings.Trim(text, `"`) // of what is not finite
	}
	return fmt.Sprintf("%s %s", p.Queries[0].Sink.Values[0].Type, text)
}

func compile(t *testing.T, script string) *plan.Plan {
	t.Helper()
	p, err := plan.Compile(script, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func read(t *testing.T, p *plan.Plan, lines string, size int, flush bool) []*row.Batch {
	t.Helper()
	batches, err := processortest.ReadBatches(p, lines, size, flush)
	if err != nil {
		t.Fatal(err)
	}
	return batches
}

// engine makes an engine for a plan's first query.
func engine(t *testing.T, p *plan.Plan, opt exec.Options) *exec.Engine {
	t.Helper()
	q := p.Queries[0]
	e, err := exec.New(q, opt)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// run takes batches through an engine of their own.
func run(t *testing.T, p *plan.Plan, opt exec.Options, batches ...*row.Batch) *exec.Result {
	t.Helper()
	return through(engine(t, p, opt), batches...)
}

// through gives an engine all records of batches. Dispositions and causes of
// the result are those of the input, not of its cuts.
func through(e *exec.Engine, batches ...*row.Batch) *exec.Result {
	total := &exec.Result{}
	for _, b := range batches {
		out := &exec.Result{Dispositions: make([]row.Disposition, b.Len())}
		e.RunAll(b, out)
		for _, c := range out.Changes {
			if c.Cause >= 0 {
				c.Cause += int32(b.First)
			}
			total.Changes = append(total.Changes, c)
		}
		for _, d := range out.DeadLetters {
			d.Record += int(b.First)
			total.DeadLetters = append(total.DeadLetters, d)
		}
		total.Dispositions = append(total.Dispositions, out.Dispositions...)
		total.ExpressionErrors += out.ExpressionErrors
		total.Late += out.Late
		total.ClosedWindows += out.ClosedWindows
	}
	return total
}
