package sql_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"parallax/processors/sql"
)

// treeDiff compares scripts without positions.
func treeDiff(want, got *sql.Script) string {
	return cmp.Diff(want.Statements, got.Statements, cmpopts.IgnoreTypes(sql.Pos(0)), cmpopts.EquateEmpty())
}

// roundTrip reads a script, prints it, and reads that again.
func roundTrip(t testing.TB, script string) string {
	t.Helper()
	first, err := sql.Parse(script)
	if err != nil {
		t.Fatalf("%s\n%v", script, err)
	}
	printed := first.String()
	second, err := sql.Parse(printed)
	if err != nil {
		t.Fatalf("%s\nis printed as\n%s\nwhich cannot be read: %v", script, printed, err)
	}
	if diff := treeDiff(first, second); diff != "" {
		t.Fatalf("%s\nis printed as\n%s\nwhich is another script:\n%s", script, printed, diff)
	}
	if again := second.String(); again != printed {
		t.Fatalf("%s\nis printed as\n%s\nand then as\n%s", script, printed, again)
	}
	return printed
}

// TestAnyTreeIsReadAsItIsPrinted draws random trees.
func TestAnyTreeIsReadAsItIsPrinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &sql.Script{Statements: several(gen{t}, 1, gen{t}.statement)}
		got, err := sql.Parse(want.String())
		if err != nil {
			t.Fatalf("%s\n%v", want, err)
		}
		if diff := treeDiff(want, got); diff != "" {
			t.Fatalf("%s\nis read as another tree:\n%s", want, diff)
		}
	})
}
