package config

import (
	"fmt"
	"os"
	"reflect"

	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"

	"parallax/diff"
)

// ruleFile is a file of rules: the section diff.rules of a job file.
type ruleFile struct {
	Rules []diff.Rule `koanf:"rules"`
}

// LoadRules reads and validates a file with the one key rules, a list in the format of a
// job file's diff.rules.
func LoadRules(path string) ([]diff.Rule, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f ruleFile
	if _, err := readInto(path, text, &f); err != nil {
		return nil, err
	}
	if len(f.Rules) == 0 {
		return nil, fmt.Errorf("%s: it has no rules", path)
	}
	if err := (diff.Config{RequireLevel: diff.E1, Rules: f.Rules}).Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f.Rules, nil
}

// readInto reads a file that is not a job file into a struct with koanf tags, and returns
// the places of its keys.
func readInto[T any](path string, text []byte, into *T) (*places, error) {
	places, err := locate(path, text)
	if err != nil {
		return nil, err
	}
	if err := places.refuseUnknown(knownKeys(reflect.TypeFor[T](), "")); err != nil {
		return nil, err
	}
	if err := places.check(places.root, reflect.TypeFor[T](), "", ""); err != nil {
		return nil, err
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(text), koanfyaml.Parser()); err != nil {
		return nil, plainYAML(path, text, err)
	}
	if err := unmarshal(k, into); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return places, nil
}
