package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/config"
	"parallax/reports/gate"
)

func acceptance(signature string) gate.Acceptance {
	return gate.Acceptance{Signature: signature, Owner: "team fees", Reason: "V2 fixes the rounding of fees: #12", Expires: "2030-12-31", MaxCount: 1_000}
}

func TestAnAcceptanceIsWrittenAndReadAgain(t *testing.T) {
	path := config.AcceptedPath(filepath.Join(t.TempDir(), "trades.yaml"))
	if filepath.Base(path) != "trades.accepted.yaml" {
		t.Fatal(path)
	}
	if list, err := config.LoadAccepted(path); err != nil || list != nil {
		t.Fatalf("%v, %v of a file that does not exist", list, err)
	}
	// Digits only, and what would be a number in exponential notation, must stay text.
	first, second := acceptance("123456789012"), acceptance("1234567890e1")
	for _, a := range []gate.Acceptance{first, second} {
		if isReplaced, err := config.Accept(path, a); err != nil || isReplaced {
			t.Fatalf("%v, %v", isReplaced, err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	commented := strings.Replace(string(text), "  - signature: ", "  # see the ticket\n  - signature: ", 1)
	if err := os.WriteFile(path, []byte(commented), 0o600); err != nil {
		t.Fatal(err)
	}
	first.MaxCount = 5
	if isReplaced, err := config.Accept(path, first); err != nil || !isReplaced {
		t.Fatalf("%v, %v", isReplaced, err)
	}
	list, err := config.LoadAccepted(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]gate.Acceptance{first, second}, list); d != "" {
		t.Error(d)
	}
	if text, _ = os.ReadFile(path); !strings.Contains(string(text), "# see the ticket") || !strings.HasPrefix(string(text), "# Differences") {
		t.Errorf("a comment is gone:\n%s", text)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("%v files remain", files)
	}
}

func TestAFileOfAcceptancesThatCannotBeUsedIsRefusedWithItsPlace(t *testing.T) {
	const whole = "accepted:\n  - signature: 00aa11bb22cc\n    owner: us\n    reason: new rounding\n    expires: 2030-12-31\n    max_count: 10\n"
	for _, c := range []struct{ name, text, want string }{
		{"whole", whole, ""},
		{"empty", "accepted: []\n", ""},
		{"no key", "# nothing\n{}\n", "it has no key accepted"},
		{"unknown key", strings.Replace(whole, "owner", "ownr", 1), ":3:5: unknown key accepted[0].ownr; did you mean owner?"},
		{"no owner", strings.Replace(whole, "    owner: us\n", "", 1), ":2:5: accepted[0].owner: missing"},
		{"a signature that is none", strings.Replace(whole, "00aa11bb22cc", "fees", 1), `:2:5: accepted[0].signature: "fees" is not the id of a signature`},
		{"a day that is none", strings.Replace(whole, "2030-12-31", "soon", 1), `:5:5: accepted[0].expires: "soon" is not a date`},
		{"no count", strings.Replace(whole, "10\n", "0\n", 1), ":6:5: accepted[0].max_count: 0 must be at least 1"},
		{"a count with a fraction", strings.Replace(whole, "10\n", "1.5\n", 1), ":6:16: accepted[0].max_count: \"1.5\" is not a whole number"},
		{"twice", whole + strings.TrimPrefix(whole, "accepted:\n"), ":7:5: accepted[1].signature: 00aa11bb22cc is accepted twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "j.accepted.yaml")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := config.LoadAccepted(path)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v; want %s", err, c.want)
			}
			if err != nil {
				if _, err := config.Accept(path, acceptance("ffffffffffff")); err == nil {
					t.Error("an entry was added to a file that cannot be used")
				}
			}
		})
	}
}
