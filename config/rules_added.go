package config

import (
	"bytes"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"parallax/diff"
)

// Text returns the text of the job file.
func (l *Loaded) Text() string { return l.text }

// AddRules adds rules from elsewhere to diff.rules; from is where they come from, such as the
// path of a file.
func (l *Loaded) AddRules(from string, rules []diff.Rule) error {
	all := append(append([]diff.Rule(nil), l.Job.Diff.Rules...), rules...)
	cfg := l.Job.Diff
	cfg.Rules = all
	if err := cfg.Validate(); err != nil {
		return err
	}
	if own := l.Origin["diff.rules"]; own != "" {
		from = own + ", " + from
	}
	l.Job.Diff, l.Origin["diff.rules"] = cfg, from
	return nil
}

// RuleFile returns a file of rules that LoadRules reads.
func RuleFile(rules []diff.Rule) ([]byte, error) {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, r := range rules {
		entry, err := ruleEntry(r)
		if err != nil {
			return nil, err
		}
		list.Content = append(list.Content, entry)
	}
	doc := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: "rules"}, list}}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(doc); err != nil {
		return nil, err
	}
	return out.Bytes(), e.Close()
}

// ruleEntry is a rule as YAML, without what it does not set.
func ruleEntry(r diff.Rule) (*yaml.Node, error) {
	entry := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	v := reflect.ValueOf(r)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		value := v.Field(i).Interface()
		switch x := value.(type) {
		case time.Duration:
			value = x.String()
		case diff.Day:
			value = string(x)
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("koanf"), ",")
		var node yaml.Node
		if err := node.Encode(value); err != nil {
			return nil, err
		}
		entry.Content = append(entry.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, &node)
	}
	return entry, nil
}
