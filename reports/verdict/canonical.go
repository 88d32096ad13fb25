package verdict

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"

	"parallax/reports/gate"
)

// idDigits is the length of an id.
const idDigits = 12

// id computes the document's id, whatever its ID is.
func (d Document) id() (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	return idOf(text)
}

// idOf computes the id of a document's JSON.
func idOf(document []byte) (string, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(document, &fields); err != nil {
		return "", err
	}
	delete(fields, "id")
	delete(fields, "made_at")
	sum, err := digest(fields)
	if err != nil {
		return "", err
	}
	return sum[:idDigits], nil
}

// Check reports whether a document's JSON has the id that its contents give.
func Check(document []byte) error {
	var d struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return fmt.Errorf("verdict document: %w", err)
	}
	id, err := idOf(document)
	if err != nil {
		return fmt.Errorf("verdict document: %w", err)
	}
	if id != d.ID {
		return fmt.Errorf("verdict document: its id is %s, and its contents give %s: it was changed", d.ID, id)
	}
	return nil
}

// fill adds the digests of policy and acceptances.
func (d *Digests) fill(p Policy, accepted []gate.Acceptance) (err error) {
	if d.Policy, err = digest(p); err != nil {
		return err
	}
	accepted = append([]gate.Acceptance{}, accepted...)
	sort.Slice(accepted, func(i, j int) bool { return accepted[i].Signature < accepted[j].Signature })
	d.Accepted, err = digest(accepted)
	return err
}

// digest is the SHA-256 of a value's canonical JSON, in hexadecimal.
func digest(v any) (string, error) {
	text, err := canonical(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// canonical is a value's JSON with sorted keys, without spaces, and with no escapes that
// JSON does not need.
func canonical(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(tree); err != nil { // writes maps with their keys sorted
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// JSON is the document as one line without its end.
func (d Document) JSON() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("write the verdict: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
