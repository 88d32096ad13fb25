package diff

import "testing"

// A signature with a hypothesis comes before those without, unless it is rare compared with
// them, because then it fits by chance.
func TestTheSignatureThatExplainsComesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		explained, unexplained Signature
		first                  string
	}{
		"cascades of a split key": {Signature{Count: 86_248}, Signature{Count: 8_004, Roots: 8_004}, "explained"},
		"a few that fit":          {Signature{Count: 3, Roots: 3}, Signature{Count: 4_000, Roots: 4_000}, "unexplained"},
		"a quarter":               {Signature{Count: 1_000}, Signature{Count: 4_000, Roots: 4_000}, "explained"},
		"many cascades without":   {Signature{Count: 10, Roots: 1}, Signature{Count: 4_000}, "explained"},
	} {
		f := newFindings()
		c.explained.ID, c.explained.fitting, c.explained.shown = "explained", only(PartsAddUp), only(PartsAddUp)
		c.unexplained.ID = "unexplained"
		f.bySignature = map[string]*Signature{"a": &c.explained, "b": &c.unexplained}
		if got := f.list()[0].ID; got != c.first {
			t.Errorf("%s: the first one is %s, want %s", name, got, c.first)
		}
	}
}

func TestAmongSignaturesThatDoNotExplainThoseWithRootsComeFirst(t *testing.T) {
	f := newFindings()
	f.bySignature = map[string]*Signature{
		"a": {ID: "cascades", Count: 1_000}, "b": {ID: "roots", Count: 2, Roots: 2}, "c": {ID: "more cascades", Count: 2_000},
	}
	var got []string
	for _, s := range f.list() {
		got = append(got, s.ID)
	}
	if want := "roots more cascades cascades"; got[0]+" "+got[1]+" "+got[2] != want {
		t.Errorf("%v, want %s", got, want)
	}
}
