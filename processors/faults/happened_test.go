package faults_test

import (
	"testing"

	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/processortest"
)

// happens runs a fault over 2,000 records and reports whether it has done anything.
func happens(t *testing.T, text string) (happened bool, isWhole bool) {
	t.Helper()
	f, err := faults.Parse(text)
	if err != nil {
		return true, true // a fault of V2 as a whole takes no range
	}
	v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: parts}, scenario(f.Kind), processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer v2.Close()
	// An error is what some faults are.
	_, _ = processortest.Run(v2, processortest.Batches(processortest.RandomTrades(11, 2000), 200, true))
	return f.Happened(), false
}

func TestAFaultThatDidSomethingHappened(t *testing.T) {
	// What the data of these tests lack: dead letters, rows of two outputs, DECIMALs, and a
	// join.
	lacks := map[string]bool{"lose-dead-letters": true, "swap-outputs": true, "scale": true, "join-forgets": true}
	for _, k := range faults.Catalogue() {
		if k.Name == "hang" { // it would not return
			continue
		}
		if happened, _ := happens(t, k.Name); happened == lacks[k.Name] {
			t.Errorf("%s: happened is %v", k.Name, happened)
		}
	}
}

func TestAFaultBeyondTheLastRecordNeverHappened(t *testing.T) {
	for _, k := range faults.Catalogue() {
		if happened, isWhole := happens(t, k.Name+"@1000000"); happened && !isWhole {
			t.Errorf("%s happened", k.Name)
		}
	}
}

// A fault within its range does nothing where the data lack what it acts on, or where the
// range is too short for it.
func TestAFaultWithNothingToActOnNeverHappened(t *testing.T) {
	for _, text := range []string{"stale-restore@900-1000", "state-reset@1-100", "null-key@1-1", "float-order@7-7"} {
		if happened, _ := happens(t, text); happened {
			t.Errorf("%s happened", text)
		}
	}
}
