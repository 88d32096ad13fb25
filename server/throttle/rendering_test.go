package throttle_test

import (
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/server/throttle"
)

// For any number of requests, pages are rendered at a fixed pace, each after its requests
// arrived.
func TestPagesAreSharedByThoseThatAskAtOnce(t *testing.T) {
	const pagesASecond = 20
	synctest.Test(t, func(t *testing.T) {
		var pages atomic.Int64
		p := throttle.NewPage(func(w io.Writer) { fmt.Fprint(w, pages.Add(1)) }, throttle.NewPace(pagesASecond))
		const asked = 10_000
		done := make(chan error, asked)
		start := time.Now()
		for i := range asked {
			go func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				before := pages.Load()
				text, err := p.Get(t.Context())
				if err == nil && string(text) == fmt.Sprint(before) {
					err = fmt.Errorf("page %s was made before it was asked for", text)
				}
				done <- err
			}()
		}
		for range asked {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		if most := int64(time.Since(start).Seconds()+2) * pagesASecond; pages.Load() == 0 || pages.Load() > most {
			t.Errorf("%d pages for %d requests, want 1 to %d", pages.Load(), asked, most)
		}
	})
}
