package sql_test

import (
	"strings"
	"testing"

	"parallax/processors/sql"
)

// TestWhatCannotBeReadSaysWhereAndWhy has a message for each kind of mistake.
func TestWhatCannotBeReadSaysWhereAndWhy(t *testing.T) {
	golden(t, "testdata/errors.txt", func(_ *testing.T, script string) string {
		if _, err := sql.Parse(script); err != nil {
			return err.Error()
		}
		return "(no error)"
	})
}

func TestWhatIsTooDeepOrTooLongIsRefused(t *testing.T) {
	for what, script := range map[string]string{
		"brackets":  "SELECT " + strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500) + " FROM t",
		"minus":     "SELECT " + strings.Repeat("- ", 500) + "1 FROM t",
		"not":       "SELECT a FROM t WHERE " + strings.Repeat("NOT ", 500) + "a",
		"calls":     "SELECT " + strings.Repeat("F(", 500) + "1" + strings.Repeat(")", 500) + " FROM t",
		"types":     "CREATE STREAM s (a " + strings.Repeat("ARRAY<", 500) + "INT" + strings.Repeat(">", 500) + ")",
		"operators": "SELECT 1" + strings.Repeat(" + 1", 20_000) + " FROM t",
		"elements":  "SELECT a" + strings.Repeat("[1]", 20_000) + " FROM t",
		"fields":    "SELECT a" + strings.Repeat("->b", 20_000) + " FROM t",
	} {
		_, err := sql.Parse(script)
		if err == nil || !strings.Contains(err.Error(), "nested more than 200 deep") && !strings.Contains(err.Error(), "more than 10000 operators") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestALongScriptIsRead: limits on statements do not limit a script, and a long list is not
// a deep tree.
func TestALongScriptIsRead(t *testing.T) {
	script := strings.Repeat("SELECT a + b + c FROM t;\n", 5000) + "SELECT a FROM t WHERE a IN (0" + strings.Repeat(", 1", 50_000) + ")"
	got, err := sql.Parse(script)
	if err != nil || len(got.Statements) != 5001 {
		t.Error(err)
	}
}

func TestOfALongLineWhatIsAroundThePlaceIsShown(t *testing.T) {
	script := "SELECT a" + strings.Repeat(", a", 1000) + " ? " + strings.Repeat(", a", 1000) + " FROM t"
	_, err := sql.Parse(script)
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 || len(lines[1]) > 250 || lines[1][len(lines[2])-1] != '?' {
		t.Error(err)
	}
}
