package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"parallax/reports/gate"
)

// acceptedFile is a file of accepted signatures.
type acceptedFile struct {
	Accepted []gate.Acceptance `koanf:"accepted"`
}

// AcceptedPath is the file with the accepted signatures of a job file: JOB.accepted.yaml
// beside it.
func AcceptedPath(job string) string {
	return strings.TrimSuffix(job, filepath.Ext(job)) + ".accepted.yaml"
}

// LoadAccepted reads and validates a file of accepted signatures. A file that does not exist
// accepts none.
func LoadAccepted(path string) ([]gate.Acceptance, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseAccepted(path, text)
}

func parseAccepted(path string, text []byte) ([]gate.Acceptance, error) {
	var f acceptedFile
	places, err := readInto(path, text, &f)
	if err != nil {
		return nil, err
	}
	list := places.value("accepted")
	if list == nil {
		return nil, fmt.Errorf("%s: it has no key accepted", path)
	}
	seen := map[string]bool{}
	for i, a := range f.Accepted {
		err := a.Validate()
		if err == nil && seen[a.Signature] {
			err = fmt.Errorf("signature: %s is accepted twice; remove one of the entries", a.Signature)
		}
		if err != nil {
			return nil, places.at(keyOrItem(list.Content[i], err), fmt.Errorf("accepted[%d].%w", i, err))
		}
		seen[a.Signature] = true
	}
	return f.Accepted, nil
}

// keyOrItem is the key of a mapping that an error begins with, or the mapping itself.
func keyOrItem(item *yaml.Node, err error) *yaml.Node {
	key, _, _ := strings.Cut(err.Error(), ":")
	for i := 0; i+1 < len(item.Content); i += 2 {
		if item.Content[i].Value == key {
			return item.Content[i]
		}
	}
	return item
}

// acceptedHeader begins a new file of accepted signatures.
const acceptedHeader = `# Differences between V1 and V2 that are intended, by the signature that reports show.
# Review changes of this file like code.
accepted: []
`

// Accept adds an acceptance to a file of accepted signatures, or replaces that of the same
// signature. Comments and the order of the file stay. The file is created if it does not
// exist.
func Accept(path string, a gate.Acceptance) (isReplaced bool, err error) {
	if err := a.Validate(); err != nil {
		return false, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = []byte(acceptedHeader), nil
	}
	if err != nil {
		return false, err
	}
	if _, err := parseAccepted(path, text); err != nil {
		return false, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return false, plainYAML(path, text, err)
	}
	list := (&places{root: doc.Content[0]}).value("accepted")
	entry, err := entryOf(a)
	if err != nil {
		return false, err
	}
	list.Style = 0 // a list in one line becomes one with a line for each key
	if list.Kind != yaml.SequenceNode {
		list.Kind, list.Tag, list.Value = yaml.SequenceNode, "!!seq", ""
	}
	if isReplaced = replaceEntry(list, entry, a.Signature); !isReplaced {
		list.Content = append(list.Content, entry)
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(&doc), e.Close()); err != nil {
		return false, err
	}
	return isReplaced, replaceFile(path, out.Bytes())
}

// entryOf is an acceptance as YAML.
func entryOf(a gate.Acceptance) (*yaml.Node, error) {
	entry := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, f := range []struct {
		key   string
		value any
	}{
		{"signature", a.Signature},
		{"owner", a.Owner},
		{"reason", a.Reason},
		{"expires", string(a.Expires)},
		{"max_count", a.MaxCount},
	} {
		var key, value yaml.Node
		if err := errors.Join(key.Encode(f.key), value.Encode(f.value)); err != nil {
			return nil, err
		}
		entry.Content = append(entry.Content, &key, &value)
	}
	return entry, nil
}

func replaceEntry(list, entry *yaml.Node, signature string) bool {
	for i, item := range list.Content {
		for k := 0; k+1 < len(item.Content); k += 2 {
			if item.Content[k].Value == "signature" && item.Content[k+1].Value == signature {
				entry.HeadComment, entry.FootComment = item.HeadComment, item.FootComment
				list.Content[i] = entry
				return true
			}
		}
	}
	return false
}

// replaceFile writes a file beside the old one and renames it, so that a reader never sees
// a part of it.
func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
