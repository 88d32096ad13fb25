package oracle_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"parallax/processors/processortest"
)

func TestTheOracleSaysWhatTheGoldenFilesSay(t *testing.T) {
	processortest.Conform(t, processortest.Oracle)
}

// An oracle that shares code with the engine under test shares its mistakes.
func TestTheOracleSharesNothingOfHowTheEngineRuns(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	// Functions, exact numbers and names of aggregates belong to the plan: they define what a query means.
	allowed := map[string]bool{
		"parallax/processors": true, "parallax/processors/plan": true, "parallax/processors/row": true,
		"parallax/processors/functions": true, "parallax/processors/numeric": true, "parallax/processors/functions/aggregates": true,
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(path, "parallax/") && !allowed[path] {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}
