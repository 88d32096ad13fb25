package recycle

import "testing"

// TestARecyclerLetsGoOfWhatNobodyTakes: a burst leaves as many behind as it had in
// use at once; when two are enough again, two remain.
func TestARecyclerLetsGoOfWhatNobodyTakes(t *testing.T) {
	var r Pool[int]
	var out []*int
	for range spare {
		out = append(out, r.Take())
	}
	for _, v := range out {
		r.Give(v)
	}
	if len(r.free) != spare {
		t.Fatalf("%d are free after a burst of %d", len(r.free), spare)
	}
	for range 2 * watched {
		a, b := r.Take(), r.Take()
		r.Give(a)
		r.Give(b)
	}
	if len(r.free) != 2 {
		t.Errorf("%d are kept where two are in use", len(r.free))
	}
}

// TestARecyclerGivesBackWhatItGot: memory is used again, and never by two.
func TestARecyclerGivesBackWhatItGot(t *testing.T) {
	var r Pool[int]
	a := r.Take()
	b := r.Take()
	if a == b {
		t.Fatal("one was handed out twice")
	}
	r.Give(a)
	if c := r.Take(); c != a {
		t.Error("what was given back was not used again")
	}
	for range 3 * spare {
		r.Give(new(int))
	}
	if len(r.free) > spare {
		t.Errorf("%d are kept", len(r.free))
	}
}
