package ingest

import "testing"

func TestABatchHasAsManyRecordsAsTheirRowsAllow(t *testing.T) {
	var p Pace
	if got := p.Limit(1000).records; got != 1000 {
		t.Errorf("%d records before anything is known, want 1000", got)
	}
	p.Made(1000, 1000, 100_000)
	if got := p.Limit(1000).records; got != 1000 {
		t.Errorf("%d records of a row each, want 1000", got)
	}
	// A window of a hundred thousand groups, each shown for every record.
	p.Made(10, 1_000_000, 100_000_000)
	if got := p.Limit(1000).records; got != 1 {
		t.Errorf("%d records of 30 MB each, want 1", got)
	}
	p.Made(0, 1_000_000, 100_000_000) // a flush says nothing about records
	batches := 0
	for ; p.Limit(1000).records < 1000; batches++ {
		p.Made(1, 1, 100)
	}
	if batches < 5 || batches > 100 {
		t.Errorf("after %d batches of small rows they are whole again, want some tens", batches)
	}
}

// TestBatchesBeginSmallWhereARecordCanMakeManyRows: the first batch is not whole before
// it is known what records make.
func TestBatchesBeginSmallWhereARecordCanMakeManyRows(t *testing.T) {
	for rows, want := range map[int64]int{0: 1000, 1: 1000, 6: 1000, 50_000: 3, 1_000_000: 1} {
		var p Pace
		p.Expect(rows)
		if got := p.Limit(1000).records; got != want {
			t.Errorf("a record can make %d rows: the first batch has %d records, want %d", rows, got, want)
		}
	}
	var p Pace
	p.Expect(1_000_000)
	batches := 0
	for ; p.Limit(1000).records < 1000 && batches < 1000; batches++ {
		p.Made(p.Limit(1000).records, p.Limit(1000).records, 100)
	}
	if batches > 100 {
		t.Errorf("records make a row each, and batches are whole after %d", batches)
	}
}
