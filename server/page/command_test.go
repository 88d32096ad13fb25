package page_test

import (
	"net/http"
	"strings"
	"testing"

	"parallax/server/page"
	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
)

// What belongs to the command that runs the job would be refused: it is not offered.
func TestThePageOfACommandOffersOnlyWhatWorksThere(t *testing.T) {
	b := open(t, resourcetest.New(), resource.Deploy)
	b.pages = page.New(page.Options{Service: resourcetest.OfCommand{Service: b.service, Command: "parallax demo"}, Logins: b.desk})
	at := "/jobs/trades-by-symbol"
	for _, path := range []string{"/", at, at + "/rules", at + "/config", at + "/differences/8f9717a99f45"} {
		text := b.want(path)
		for _, offer := range []string{"/do/", `href="/deploy"`} {
			if strings.Contains(text, offer) {
				t.Errorf("%s offers %s", path, offer)
			}
		}
	}
	for path, form := range map[string][]string{
		at + "/rules/new":                       rule(),
		at + "/differences/8f9717a99f45/accept": {"reason", "agreed", "owner", "ana", "expires", "2027-01-31", "max_count", "100000"},
	} {
		status, text := b.post(path, form...)
		if status != http.StatusOK || !strings.Contains(text, "stored samples") || !strings.Contains(text, "<code>parallax demo</code>") {
			t.Errorf("%s: %d: %s", path, status, text)
		}
		if strings.Contains(text, `name="confirmed"`) {
			t.Errorf("%s offers to put it in force", path)
		}
	}
}
