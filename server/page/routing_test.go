package page_test

import (
	"strings"
	"testing"

	"parallax/diff"
	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
)

// A row of a key that is routed to several partitions is right: only where it comes from is not.
func TestARoutingDifferenceIsSaidOnceAndItsRowIsNotMarked(t *testing.T) {
	b := open(t, resourcetest.New(), resource.View)
	note := "rows of one key come from several of V2's partitions"
	example := diff.Example{Topic: "last-price", Key: map[string]string{"SYMBOL": "ACME"}, V2: `{"SYMBOL":"ACME","PRICE":12.5}`, V2Partitions: []int32{1, 2}}
	of := diff.Signature{ID: "29fd517e286f", Class: diff.Routing, Topic: "last-price", Columns: []string{}, Count: 7, Roots: 7, Example: example, Note: note}
	b.service.AddDifference("trades-by-symbol", resource.Signature{Signature: of, First: resourcetest.Now, Last: resourcetest.Now, Status: "open"},
		resource.Divergence{Signature: of.ID, Class: of.Class, Topic: of.Topic, At: resourcetest.Now, Example: example})
	text := b.want("/jobs/trades-by-symbol/differences/29fd517e286f", "Routing in last-price", "SYMBOL=ACME", `<dt>V2's partitions</dt><dd>1, 2</dd>`)
	if n := strings.Count(strings.ToLower(text), "rows of one key come from several"); n != 1 {
		t.Errorf("what differs is said %d times", n)
	}
	for _, wrong := range []string{"no row", `class="differs"`, "V1 has none"} {
		if strings.Contains(text, wrong) {
			t.Errorf("the row has %q", wrong)
		}
	}
	b.want("/jobs/trades-by-symbol/key?topic=last-price&key=SYMBOL%3DACME", `class="lane v2"`)
}

func TestARowThatOnlyOneSideHasIsShownAsOne(t *testing.T) {
	text := open(t, resourcetest.New(), resource.View).want("/jobs/trades-by-symbol/differences/03ab55e10c12", "V1 has this row, and V2 has none.", "1000.5")
	if strings.Contains(text, `class="differs"`) {
		t.Error("each column is marked")
	}
}
