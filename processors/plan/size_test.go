package plan_test

import (
	"runtime"
	"strings"
	"testing"

	"parallax/processors/plan"
)

// work returns how many bytes planning and explaining a query allocates. It grows like the
// time does and does not depend on the machine.
func work(t *testing.T, query string) float64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if text := compile(t, query).Explain(); len(text) > 100*len(query) {
		t.Errorf("the plan of %d bytes has %d", len(query), len(text))
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

func nested(n int, x string, around func(string) string) string {
	for range n {
		x = around(x)
	}
	return x
}

// TestPlansGrowAsTheirQueries: three times the query takes about three times the work, or
// nine times where the query is nested (at most 200 deep).
func TestPlansGrowAsTheirQueries(t *testing.T) {
	const n = 30
	for name, query := range map[string]func(n int) string{
		"BETWEEN in its operand": func(n int) string {
			return "SELECT n FROM trades WHERE " + nested(n, "n = 1", func(x string) string { return "(" + x + " BETWEEN FALSE AND TRUE)" })
		},
		"BETWEEN in its bound": func(n int) string {
			return "SELECT n FROM trades WHERE " + nested(n, "(n = 1)", func(x string) string { return "((n = 2) BETWEEN " + x + " AND TRUE)" })
		},
		"CASE in its operand": func(n int) string {
			return "SELECT " + nested(n, "n", func(x string) string { return "CASE " + x + " WHEN 1 THEN 2 WHEN 3 THEN 4 END" }) + " FROM trades"
		},
		"a chain":       func(n int) string { return "SELECT n" + strings.Repeat(" + 1", 50*n) + " FROM trades" },
		"a chain of OR": func(n int) string { return "SELECT n FROM trades WHERE n = 0" + strings.Repeat(" OR n = 1", 25*n) },
		"a chain over groups": func(n int) string {
			return "SELECT n" + strings.Repeat(" + 1", 50*n) + ", COUNT(*) FROM trades GROUP BY n"
		},
		"a chain to group by": func(n int) string { return "SELECT COUNT(*) FROM trades GROUP BY n" + strings.Repeat(" + 1", 50*n) },
		"functions": func(n int) string {
			return "SELECT " + nested(n, "symbol", func(x string) string { return "UPPER(" + x + ")" }) + ", COUNT(*) FROM trades GROUP BY symbol"
		},
		"a list": func(n int) string { return "SELECT n FROM trades WHERE n IN (0" + strings.Repeat(", 1", 100*n) + ")" },
	} {
		t.Run(name, func(t *testing.T) {
			compile(t, query(1)) // warm up one-time initialisation
			if small, large := work(t, query(n)), work(t, query(3*n)); large > 10*small || strings.HasPrefix(name, "a chain") && large > 5*small {
				t.Errorf("three times the query is %.1f times the work (%.0f bytes)", large/small, large)
			}
		})
	}
}

func TestTheLongestChainIsPlanned(t *testing.T) {
	if _, err := plan.Compile(market+"SELECT n"+strings.Repeat(" + 1", 9999)+" AS x, COUNT(*) FROM trades GROUP BY n", plan.BuildOptions{DefaultTopic: "OUT"}); err != nil {
		t.Error(err)
	}
}
