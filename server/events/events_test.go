package events_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"

	"parallax/server/events"
	"parallax/server/resource"
)

func publish(b *events.Broker, from, to int) {
	for i := from; i <= to; i++ {
		b.Publish(resource.Event{Kind: "job", Text: strconv.Itoa(i)})
	}
}

func TestAReaderGoesOnAfterTheLastEventThatItHas(t *testing.T) {
	b := events.New()
	first := b.Subscribe(t.Context(), "")
	publish(b, 1, 3)
	one, two := <-first, <-first
	if one.Text != "1" || two.Text != "2" || one.At.IsZero() {
		t.Fatalf("%+v, %+v", one, two)
	}
	again := b.Subscribe(t.Context(), one.ID)
	publish(b, 4, 4)
	for _, want := range []string{"2", "3", "4"} {
		if e := <-again; e.Text != want {
			t.Errorf("%+v, want %s", e, want)
		}
	}
}

func TestAReaderOfEventsThatAreNotKnownReadsEverythingAgain(t *testing.T) {
	b := events.New()
	r := b.Subscribe(t.Context(), "")
	publish(b, 1, 1)
	first := (<-r).ID
	publish(b, 2, 5000)
	for _, after := range []string{first, "0badcafe-1", "nonsense", first + "9999"} {
		r := b.Subscribe(t.Context(), after)
		if e := <-r; e.Kind != "resync" {
			t.Errorf("after %s: %+v", after, e)
		}
		if e, isOpen := <-r; isOpen {
			t.Errorf("after %s: %+v follows", after, e)
		}
	}
}

func TestASlowReaderIsEndedWithoutBlockingPublish(t *testing.T) {
	b := events.New()
	slow := b.Subscribe(t.Context(), "")
	publish(b, 1, 300)
	n, last := 0, resource.Event{}
	for e := range slow {
		n, last = n+1, e
	}
	if n != 256 || last.Kind != "resync" || last.ID == "" {
		t.Errorf("%d events, the last one %+v", n, last)
	}
	after := b.Subscribe(t.Context(), last.ID)
	if e := <-after; e.Text != "257" {
		t.Errorf("after the resync %+v", e)
	}
}

func TestTheEventsEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := events.New()
		ctx, cancel := context.WithCancel(t.Context())
		r := b.Subscribe(ctx, "")
		cancel()
		synctest.Wait()
		publish(b, 1, 1)
		if e, isOpen := <-r; isOpen {
			t.Errorf("%+v", e)
		}
	})
}
