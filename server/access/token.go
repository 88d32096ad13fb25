package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"

	"parallax/server/resource"
)

// tokenPrefix begins every token, so that scanners for secrets recognize one.
const tokenPrefix = "plx_"

// hash is the SHA-256 of a secret. A secret has 32 random bytes, so that its hash needs
// neither salt nor stretching.
type hash [sha256.Size]byte

func hashOf(secret string) hash { return sha256.Sum256([]byte(secret)) }

// newSecret returns 32 random bytes as text.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// entry is a line of a token file.
type entry struct {
	hash  hash
	actor resource.Actor
}

// tokenName is what a token may be called.
var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// parseTokens reads a token file: a line for each token has its role, its name and the hash of
// the token; what follows is ignored, as are empty lines and those that begin with #.
func parseTokens(text string) ([]entry, error) {
	var entries []entry
	names := map[string]bool{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		e, err := parseToken(fields)
		if err == nil && names[e.actor.Name] {
			err = fmt.Errorf("the name %q is used twice: give each token a name of its own", e.actor.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		names[e.actor.Name] = true
		entries = append(entries, e)
	}
	return entries, nil
}

func parseToken(fields []string) (entry, error) {
	if len(fields) < 3 {
		return entry{}, errors.New("a line needs a role, a name and sha256:HASH; `parallax token new` writes one")
	}
	role, err := resource.ParseRole(fields[0])
	if err != nil {
		return entry{}, err
	}
	if !tokenName.MatchString(fields[1]) {
		return entry{}, errBadName(fields[1])
	}
	e := entry{actor: resource.Actor{Name: fields[1], Role: role}}
	digits, ok := strings.CutPrefix(fields[2], "sha256:")
	decoded, err := hex.DecodeString(digits)
	if !ok || err != nil || len(decoded) != len(e.hash) {
		return entry{}, errors.New("the third word must be sha256: and 64 hexadecimal digits; `parallax token new` writes a line")
	}
	copy(e.hash[:], decoded)
	return e, nil
}

func errBadName(name string) error {
	return fmt.Errorf("%q is not a name for a token: use 1 to 64 letters, digits and . _ @ -", name)
}

// NewToken adds a token to a file, which is created if there is none, and returns the token.
// The file has its hash only: the token cannot be shown again. The file's other lines stay.
// If name is "", the token is named for its role and a part of its hash.
func NewToken(file string, role resource.Role, name string, now time.Time) (token string, by resource.Actor, err error) {
	token = tokenPrefix + newSecret()
	h := hashOf(token)
	if name == "" {
		name = fmt.Sprintf("%s-%x", role, h[:4])
	}
	if !tokenName.MatchString(name) {
		return "", by, errBadName(name)
	}
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", by, err
	}
	entries, err := parseTokens(string(old))
	if err != nil {
		return "", by, fmt.Errorf("%s: %w", file, err)
	}
	for _, e := range entries {
		if e.actor.Name == name {
			return "", by, fmt.Errorf("%s: there is a token named %q: choose another name, or delete its line first", file, name)
		}
	}
	line := fmt.Sprintf("%s %s sha256:%x %s\n", role, name, h, now.UTC().Format(time.RFC3339))
	if len(old) > 0 && !strings.HasSuffix(string(old), "\n") {
		line = "\n" + line
	}
	return token, resource.Actor{Name: name, Role: role}, appendTo(file, line)
}

func appendTo(file, line string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Sync(), f.Close())
}
