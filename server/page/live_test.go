package page_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
	"parallax/shadow/stage"
)

func TestAPageStaysUpToDateByItself(t *testing.T) {
	b := openTab(t)
	service := resourcetest.New()
	address, closeServer := serve(t, service)
	b.open(address)
	b.until(`document.getElementById("connection").dataset.state === "live"`)
	b.do(chromedp.Focus(chromedp.CSS(`#jobs a[href="/jobs/fees"]`)))
	service.Update("fees", func(j *resource.Job) { j.Stage = stage.Stage{Kind: stage.Promoted} })
	b.until(`document.querySelector("#jobs tbody tr").innerText.includes("promoted")`)
	if at := b.value(`document.activeElement.getAttribute("href")`); at != "/jobs/fees" {
		t.Errorf("the focus is at %q after the list has changed", at)
	}
	service.Publish("divergence", "orders", "orders has a new difference")
	b.until(`document.getElementById("announce").innerText === "orders has a new difference"`)
	closeServer()
	b.until(`document.getElementById("connection").dataset.state === "lost"`)
	b.shows("Disconnected; this is from", "promoted")
}

func TestAPageIsUpToDateAfterTheServerReturns(t *testing.T) {
	b := openTab(t)
	service := resourcetest.New()
	address, _ := serve(t, service)
	b.open(address + "/jobs/orders")
	b.until(`document.getElementById("connection").dataset.state === "live"`)
	b.do(chromedp.Evaluate[chromedp.Void](`window.dispatchEvent(new Event("offline"))`))
	b.until(`document.body.classList.contains("stale")`)
	service.Update("orders", func(j *resource.Job) { j.State, j.Reason = resource.Paused, "paused by ben" })
	b.shows("Paused by ben.")
}

// TestNoPageComplainsOrIsTooWide opens all pages in both schemes, on a wide screen and a phone.
func TestNoPageComplainsOrIsTooWide(t *testing.T) {
	b := openTab(t)
	address, _ := serve(t, resourcetest.New())
	b.open(address)
	complaints := b.complaints()
	list := append(addresses("orders"), addresses("trades-by-symbol")...)
	list = append(list, "/", "/audit", "/deploy", "/login", "/jobs/positions", "/jobs/settlements", "/jobs/quotes",
		"/jobs/trades-by-symbol/differences/8f9717a99f45", "/jobs/trades-by-symbol/key?topic=volumes-by-minute&key=DESK%3DSeoul%2C+SYMBOL%3DCB")
	for i, path := range list {
		b.scheme([]string{"light", "dark"}[i%2])
		b.open(address + path)
		for _, width := range []int64{1600, 1280, 480, 390} {
			b.do(chromedp.EmulateViewport(width, 900))
			if b.value(`String(document.documentElement.scrollWidth <= window.innerWidth)`) != "true" {
				t.Errorf("%s is wider than a screen of %d: %s", path, width, b.value(`String(document.documentElement.scrollWidth)`))
			}
			for _, part := range []string{".tabs", "#ledger .wide"} { // these have nothing that may be cut
				if b.value(`String([...document.querySelectorAll("`+part+`")].every((e) => e.scrollWidth <= e.clientWidth))`) != "true" {
					t.Errorf("%s: %s is cut on a screen of %d", path, part, width)
				}
			}
		}
	}
	for _, one := range complaints() {
		t.Error(one)
	}
}

func TestAMigrationGoesForwardAndBackWithTheKeyboardOnly(t *testing.T) {
	b := openTab(t)
	service := resourcetest.New()
	address, _ := serve(t, service)
	b.open(address)
	b.press("\t")
	if at := b.focus(); at != "Skip to the content" {
		t.Fatalf("Tab leads first to %q", at)
	}
	b.press("\r") // to the content
	b.tabTo("fees")
	b.press("\r")
	b.shows("V2 may take over.")
	b.tabTo("Go forward to promoted")
	b.press("\r")
	b.shows("Take fees to promoted")
	b.tabTo("reason")
	b.press("the plan")
	b.tabTo("Go to promoted")
	b.press("\r")
	b.shows("fees is in promoted now.")
	b.tabTo("Go back")
	b.press("\r")
	b.shows("Take fees back")
	b.tabTo("shadow: V1")
	b.press("c", "c") // the second stage with this letter
	b.tabTo("reason")
	b.press("a question of the owners", "\r") // Enter sends a form
	b.shows("fees is in canary:5 now.")
	b.tabTo("Audit")
	if st, err := service.Stage(t.Context(), "fees"); err != nil || st.Last.Why != "a question of the owners" {
		t.Errorf("%+v, %v", st.Last, err)
	}
}

// TestADifferenceIsFollowedFromTheVerdictToARule goes the way of a person who finds a difference.
func TestADifferenceIsFollowedFromTheVerdictToARule(t *testing.T) {
	b := openTab(t)
	address, _ := serve(t, resourcetest.New())
	b.open(address)
	b.follow("trades-by-symbol")
	b.shows("V2 must not take over: it differs from V1.")
	b.follow("See what differs")
	b.follow("Value in volumes-by-minute: TRADES")
	b.shows("Explain it", "43902116")
	b.follow("This key over time")
	b.shows("6 stored divergences", "VOLUME")
	b.do(chromedp.NavigateBack())
	b.follow("Explain it")
	b.shows("The oracle agrees with V1: V2 is wrong.")
	b.follow("Back to the difference")
	b.shows("Examples")
	b.open(address + "/jobs/trades-by-symbol/differences/c0142c1f4988")
	b.follow("Propose a rule")
	b.fill("tolerance", "ulp")
	b.fill("amount", "16")
	b.fill("reason", "V2 adds in another order")
	b.follow("See what it would hide")
	b.shows("1 of 9 stored samples", "Hidden whole: c0142c1f4988")
	b.follow("Put the rule in force")
	b.shows("The rule is in force.", "within 16 units in the last place")
}
