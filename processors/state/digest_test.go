package state

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestADigestDoesNotDependOnTheOrderOfEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		forms := rapid.SliceOfN(rapid.SliceOf(rapid.Byte()), 0, 20).Draw(t, "forms")
		shuffled := rapid.Permutation(forms).Draw(t, "shuffled")
		cut := rapid.IntRange(0, len(forms)).Draw(t, "cut")
		var all, one, other Digest
		for i, form := range forms {
			all.Add(form)
			if i < cut {
				one.Add(shuffled[i])
			} else {
				other.Add(shuffled[i])
			}
		}
		one.Merge(other)
		if !all.Equal(one) || all.Entries != int64(len(forms)) {
			t.Fatalf("%v of all, %v of two parts", all, one)
		}
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		var back Digest
		if err := json.Unmarshal(text, &back); err != nil || !back.Equal(all) {
			t.Fatalf("%s became %v: %v", text, back, err)
		}
		if len(forms) > 0 {
			i := rapid.IntRange(0, len(forms)-1).Draw(t, "changed")
			var changed Digest
			for k, form := range forms {
				if k == i {
					form = append([]byte{1}, form...)
				}
				changed.Add(form)
			}
			if changed.Equal(all) {
				t.Fatalf("entry %d is another one, and the digest is the same: %v", i, all)
			}
		}
	})
}

func TestADigestCountsEntriesThatAreTheSame(t *testing.T) {
	var once, twice Digest
	once.Add([]byte("a"))
	twice.Add([]byte("a"))
	twice.Add([]byte("a"))
	if once.Equal(twice) {
		t.Errorf("both are %v", once)
	}
	if got, want := fmt.Sprint(Digest{}), "0:00000000000000000000000000000000"; got != want {
		t.Errorf("the empty digest is %s, want %s", got, want)
	}
}

func TestADigestThatIsNoneIsRefused(t *testing.T) {
	for _, text := range []string{"", "1", "1:", "x:00000000000000000000000000000000", "-1:00000000000000000000000000000000", "1:0000000000000000000000000000000g", "1:000000000000000000000000000000000"} {
		var d Digest
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as %v", text, d)
		}
	}
}
