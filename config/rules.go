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
	places, err := locate(path, text)
	if err != nil {
		return nil, err
	}
	if err := places.refuseUnknown(knownKeys(reflect.TypeFor[ruleFile](), "")); err != nil {
		return nil, err
	}
	if err := places.check(places.root, reflect.TypeFor[ruleFile](), "", ""); err != nil {
		return nil, err
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(text), koanfyaml.Parser()); err != nil {
		return nil, plainYAML(path, text, err)
	}
	var f ruleFile
	if err := unmarshal(k, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(f.Rules) == 0 {
		return nil, fmt.Errorf("%s: it has no rules", path)
	}
	if err := (diff.Config{RequireLevel: diff.E1, Rules: f.Rules}).Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f.Rules, nil
}
