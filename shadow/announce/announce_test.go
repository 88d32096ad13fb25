package announce

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parallax/diff"
)

// A V2 that is wrong in a hundred ways at once fills no log, and what was not logged is
// counted.
func TestTheRateOfLinesAboutDivergencesIsBounded(t *testing.T) {
	var log bytes.Buffer
	a := Announcer{Log: slog.New(slog.NewTextHandler(&log, nil))}
	signatures := func(from, to int) (list []diff.Signature) {
		for i := from; i < to; i++ {
			list = append(list, diff.Signature{ID: fmt.Sprint("id", i), Class: diff.Missing})
		}
		return list
	}
	now := time.UnixMilli(0)
	a.Announce(now, signatures(0, 3))
	a.Announce(now.Add(time.Second), signatures(3, 100))
	if got := strings.Count(log.String(), "\n"); got != mostAnnounced {
		t.Errorf("%d lines at once, want %d", got, mostAnnounced)
	}
	log.Reset()
	a.Announce(now.Add(announcePeriod), signatures(100, 102))
	if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, `"other new signatures that were not logged"=95`) {
		t.Errorf("after %v:\n%s", announcePeriod, got)
	}
}
