package sql_test

import (
	"strings"
	"testing"

	"parallax/processors/sql"
)

// overOf parses SELECT f(x) OVER (inside) FROM t.
func overOf(t *testing.T, inside string) (*sql.Over, error) {
	t.Helper()
	script, err := sql.Parse("SELECT f(x) OVER (" + inside + ") FROM t")
	if err != nil {
		return nil, err
	}
	item := script.Statements[0].(*sql.CreateAs).Select.Items[0]
	return item.Expr.(*sql.Call).Over, nil
}

func TestOverIsReadInBothAccents(t *testing.T) {
	o, err := overOf(t, "PARTITION BY a, b + 1 ORDER BY ts DESC NULLS LAST, c ROWS BETWEEN 9 PRECEDING AND CURRENT ROW")
	if err != nil {
		t.Fatal(err)
	}
	if len(o.PartitionBy) != 2 || len(o.OrderBy) != 2 || o.Buffer != "" {
		t.Errorf("got %d partition expressions, %d orders, buffer %q", len(o.PartitionBy), len(o.OrderBy), o.Buffer)
	}
	if by := o.OrderBy[0]; !by.Descending || by.Nulls != "LAST" || o.OrderBy[1].Descending {
		t.Errorf("got orders %+v", o.OrderBy)
	}
	if f := o.Frame; f.Unit != "ROWS" || f.Start.Kind != sql.Preceding || f.Start.Rows != "9" || f.End.Kind != sql.CurrentRow {
		t.Errorf("got frame %+v", f)
	}

	o, err = overOf(t, "ROWS WINDOW BUFFER 10 ROWS PARTITION BY k ORDER BY ts")
	if err != nil {
		t.Fatal(err)
	}
	if o.Buffer != "10" || len(o.PartitionBy) != 1 || len(o.OrderBy) != 1 || o.Frame != nil {
		t.Errorf("got %+v", o)
	}

	o, err = overOf(t, "RANGE UNBOUNDED PRECEDING")
	if err != nil {
		t.Fatal(err)
	}
	if f := o.Frame; f.Unit != "RANGE" || f.Start.Kind != sql.Preceding || f.Start.Rows != "" || f.End.Kind != sql.CurrentRow {
		t.Errorf("got frame %+v", f)
	}
}

func TestWhatIsNoOverIsRefusedWhereItStands(t *testing.T) {
	for inside, want := range map[string]string{
		"ROWS WINDOW 10 ROWS":                      "expected BUFFER",
		"ROWS WINDOW BUFFER many ROWS":             "expected a number of rows",
		"ROWS BETWEEN 1.5 PRECEDING AND 1":         "expected a number of rows",
		"ROWS BETWEEN 1 AND CURRENT ROW":           "expected PRECEDING or FOLLOWING",
		"ROWS BETWEEN 1 PRECEDING":                 "expected AND",
		"ORDER BY ts NULLS":                        "expected FIRST or LAST",
		"PARTITION k":                              "expected BY",
		"ROWS 1 PRECEDING PARTITION BY k":          "expected )",
		"ROWS WINDOW BUFFER 1 ROWS ROWS 1 FORWARD": "expected PRECEDING or FOLLOWING",
	} {
		if _, err := overOf(t, inside); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("OVER (%s): %v, want %q", inside, err, want)
		}
	}
}
