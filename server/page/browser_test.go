package page_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"parallax/server/access"
	"parallax/server/api"
	"parallax/server/page"
	"parallax/server/resource/resourcetest"
)

// chromium returns where the browser is. Without one a test is skipped, except where all tests
// must run.
func chromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no Chromium here, and this test must run where CI is set: install chromium")
	}
	t.Skip("there is no Chromium here: install chromium to run this test")
	return ""
}

// tab is a tab of a browser in which a test acts.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openTab starts a browser. What fails says what the tab showed.
func openTab(t *testing.T) *tab {
	t.Helper()
	path := chromium(t)
	if testing.Short() {
		t.Skip("browsers are slow")
	}
	// The deadline only ends a test that hangs: a page under test waits for no time.
	ctx, end := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(end)
	ctx, end = chromedp.NewExecAllocator(ctx, chromedp.Headless, chromedp.NoSandbox, chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()))
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	b := &tab{t, ctx}
	b.do(chromedp.EmulateViewport(1280, 900))
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, step := range steps {
		if err := chromedp.Do(b.ctx, step); err != nil {
			b.t.Fatalf("%v; the tab shows:\n%s", err, b.shown())
		}
	}
}

// shown is the text of the page, for messages.
func (b *tab) shown() string {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// open shows an address.
func (b *tab) open(address string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
}

// until waits until an expression of the page is true, also if the tab goes to another page.
func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, time.Minute) // ends a test that hangs, while the tab can still be asked
	defer end()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(0)))
		switch {
		case err == nil:
			return
		case ctx.Err() != nil:
			b.t.Fatalf("%s is not so; the tab shows:\n%s", expression, b.shown())
		}
	}
}

// shows waits until the page has a text.
func (b *tab) shows(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.until("document.readyState === 'complete' && document.body.innerText.includes(" + quoted(text) + ")")
	}
}

// follow clicks a link or button with a text, and waits for the page that it leads to.
func (b *tab) follow(text string) {
	b.t.Helper()
	const find = `[...document.querySelectorAll("main a, main button, main summary")].find((e) => e.checkVisibility() && e.innerText.trim().startsWith(TEXT))`
	found := strings.ReplaceAll(find, "TEXT", quoted(text))
	for {
		b.until("document.readyState === 'complete' && Boolean(" + found + ")")
		err := chromedp.Do(b.ctx, chromedp.Click(chromedp.JSPath(found)))
		switch {
		case err == nil:
			return
		case !strings.Contains(err.Error(), "Could not find node"): // the page was refreshed in between
			b.t.Fatalf("%v; the tab shows:\n%s", err, b.shown())
		}
	}
}

// fill types a value into a field.
func (b *tab) fill(id, value string) {
	b.t.Helper()
	b.until("document.readyState === 'complete' && Boolean(document.getElementById(" + quoted(id) + "))")
	b.do(chromedp.SetValue(chromedp.ID(id), value))
}

// value is what an expression of the page is.
func (b *tab) value(expression string) string {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// press sends keys, as a keyboard does.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// focus is the text of what has the focus.
func (b *tab) focus() string {
	return b.value(`(document.activeElement.innerText || document.activeElement.name || document.activeElement.id || "").trim()`)
}

// tabTo presses Tab until what has the focus begins with a text.
func (b *tab) tabTo(text string) {
	b.t.Helper()
	var seen []string
	for range 60 {
		b.press("\t")
		at := b.focus()
		if strings.HasPrefix(at, text) {
			return
		}
		seen = append(seen, at)
	}
	b.t.Fatalf("Tab does not lead to %q, but to %q", text, seen)
}

func quoted(text string) string { return "\"" + strings.ReplaceAll(text, `"`, `\"`) + "\"" }

// serve starts a server of the pages and the API on this machine; close ends it.
func serve(t *testing.T, service *resourcetest.Service) (address string, closeServer func()) {
	t.Helper()
	s, err := access.Listen(access.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	pages := page.New(page.Options{Service: service, Logins: s.Guard(), Now: func() time.Time { return resourcetest.Now }, Location: time.UTC})
	handler, err := api.New(api.Options{Service: service, Page: pages})
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(handler)
	isClosed := false
	closeServer = func() {
		if isClosed {
			return
		}
		isClosed = true
		ctx, end := context.WithCancel(context.Background())
		end() // what is under way ends at once
		_ = s.Close(ctx)
	}
	t.Cleanup(closeServer)
	return s.URL(), closeServer
}

// complaints collects what the browser says against the pages: errors, and what their policy
// forbids. The function that it returns ends that.
func (b *tab) complaints() func() []string {
	const last = "that was all"
	messages := chromedp.Console(b.ctx)
	collected := make(chan []string)
	go func() {
		var list []string
		for m, err := range messages {
			if err != nil || strings.Contains(m.String(), last) {
				break
			}
			if text := m.String(); !strings.HasPrefix(text, "debug: ") { // hints for authors
				list = append(list, text)
			}
		}
		collected <- list
	}()
	return func() []string {
		if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void](`console.log("`+last+`")`)); err != nil {
			b.t.Fatal(err)
		}
		return <-collected
	}
}

// scheme chooses light or dark.
func (b *tab) scheme(name string) {
	b.t.Helper()
	p := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, p); err != nil {
		b.t.Fatal(err)
	}
}
