package access

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parallax/server/resource"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newToken adds a token to a file.
func newToken(t *testing.T, file string, role resource.Role, name string) string {
	t.Helper()
	token, _, err := NewToken(file, role, name, noon)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestATokenIsKnownByItsHash(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	ci := newToken(t, file, resource.Deploy, "ci")
	grafana := newToken(t, file, resource.View, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), ci) || strings.Contains(string(text), ci[len(tokenPrefix):]) {
		t.Errorf("the file has the token itself:\n%s", text)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want a file for its owner only", info.Mode(), err)
	}
	tokens, err := OpenTokens(file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if by, ok := tokens.actor(hashOf(ci)); !ok || by != (resource.Actor{Name: "ci", Role: resource.Deploy}) {
		t.Errorf("%+v, %v", by, ok)
	}
	if by, ok := tokens.actor(hashOf(grafana)); !ok || by.Role != resource.View || !strings.HasPrefix(by.Name, "view-") {
		t.Errorf("%+v, %v", by, ok)
	}
	for _, bad := range []string{"", tokenPrefix, ci + "x", ci[:len(ci)-1], strings.ToUpper(ci)} {
		if by, ok := tokens.actor(hashOf(bad)); ok {
			t.Errorf("%q is a token of %+v", bad, by)
		}
	}
	if _, _, err := NewToken(file, resource.View, "ci", noon); err == nil || !strings.Contains(err.Error(), `there is a token named "ci"`) {
		t.Errorf("a second token with the name: %v", err)
	}
	for _, name := range []string{"a b", "a\nb", "-x", strings.Repeat("x", 65)} {
		if _, _, err := NewToken(file, resource.View, name, noon); err == nil {
			t.Errorf("%q is a name", name)
		}
	}
}

func TestALineThatIsNoTokenIsNamed(t *testing.T) {
	good := "view a sha256:" + strings.Repeat("0a", 32)
	for text, want := range map[string]string{
		"# a comment\n\n" + good:            "",
		good + " 2026-03-01T12:00:00Z\n":    "",
		good + "\n" + good:                  `line 2: the name "a" is used twice`,
		"admin a sha256:00":                 `line 1: "admin" is not a role; the roles are view, operate, deploy`,
		"view a":                            "line 1: a line needs a role, a name and sha256:HASH",
		"view a sha256:0a":                  "line 1: the third word must be sha256: and 64 hexadecimal digits",
		"view a " + strings.Repeat("0", 64): "line 1: the third word must be sha256:",
		"view ä sha256:00":                  `line 1: "ä" is not a name for a token`,
	} {
		_, err := parseTokens(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
	file := filepath.Join(t.TempDir(), "tokens")
	if _, err := OpenTokens(file, nil); err == nil {
		t.Error("a file that is not there has tokens")
	}
	if err := os.WriteFile(file, []byte("# none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTokens(file, nil); err == nil || !strings.Contains(err.Error(), "parallax token new") {
		t.Errorf("no token: %v", err)
	}
}

func TestAChangedTokenFileCountsAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	first := newToken(t, file, resource.View, "first")
	var log bytes.Buffer
	tokens, err := OpenTokens(file, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	is := func(when, token string, want bool) {
		t.Helper()
		if _, ok := tokens.actor(hashOf(token)); ok != want {
			t.Errorf("%s: valid is %v, want %v", when, ok, want)
		}
	}
	second := newToken(t, file, resource.Operate, "second")
	is("added", second, true)
	is("added", first, true)

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(string(text)+"half a line"), 0o600); err != nil {
		t.Fatal(err)
	}
	is("broken", first, true)
	is("broken", second, true)
	if n := strings.Count(log.String(), "the token file has an error"); n != 1 {
		t.Errorf("a broken file is logged %d times, want once:\n%s", n, &log)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(file, []byte(rest), 0o600); err != nil {
		t.Fatal(err)
	}
	is("its line is deleted", first, false)
	is("its line stays", second, true)

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	is("the file is removed", second, false)
}
