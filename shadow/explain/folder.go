package explain

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"parallax/diff"
	"parallax/processors/route"
)

// WriteFolder writes a folder that reproduces the divergence. It creates the folder, and
// replaces its own files in one that is there. Only the owner may read what it writes.
func (x *Explanation) WriteFolder(ctx context.Context, dir string, s *Subject) error {
	if !x.Shown {
		return fmt.Errorf("nothing is written to %s: the replay did not show the divergence", dir)
	}
	job, err := jobFile(s, x)
	if err != nil {
		return err
	}
	explanation, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"query.sql": []byte(s.Script), "records.jsonl": lines(s.Plan, x.records),
		"v1.jsonl": x.v1, "v2.jsonl": x.v2, "expected.jsonl": x.expected,
		"job.yaml": job, "explanation.json": append(explanation, '\n'),
		"README.md": []byte(x.readme(s, x.Command(ctx, s))),
	}
	if len(s.Rules) > 0 {
		if files["rules.yaml"], err = rulesFile(s.Rules); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// jobFile is a job file with what the result of a replay depends on.
func jobFile(s *Subject, x *Explanation) ([]byte, error) {
	rules, err := ruleMaps(s.Rules)
	if err != nil {
		return nil, err
	}
	kafka := map[string]any{"brokers": []string{"localhost:9092"}, "group": "explain-" + x.Signature.ID, "batch": s.Batch}
	if s.MaxFuture > 0 {
		kafka["max_future"] = s.MaxFuture.String()
	}
	type setting struct {
		key   string
		value any
	}
	list := []setting{
		{"job", s.Job},
		{"sql_file", "query.sql"},
		{"kafka", kafka},
		{"processors", map[string]string{"v1": "v1", "v2": x.way.V2.String()}},
		{"diff", map[string]any{"require_level": s.Require.String(), "rules": rules}},
	}
	if s.SinkTopic != "" {
		list = append(list, setting{"sink", map[string]string{"topic": s.SinkTopic}})
	}
	if s.Options.ErrorsToDeadLetter {
		list = append(list, setting{"on_error", "dlq"})
	}
	if s.Options.LateToDeadLetter {
		list = append(list, setting{"late", "dlq"})
	}
	if strategy := x.way.V2.Strategy; !isAuto(strategy) {
		list = append(list, setting{"v2", map[string]any{"partitioning_strategy": string(strategy), "force_strategy": x.way.V2.ForceStrategy}})
	}
	var text []byte
	for _, one := range list {
		value, err := json.Marshal(one.value) // YAML reads JSON
		if err != nil {
			return nil, err
		}
		text = append(append(append(append(text, one.key...), ": "...), value...), '\n')
	}
	return text, nil
}

// isAuto reports whether V2 chooses the strategy.
func isAuto(s route.Strategy) bool { return s == "" || s == route.Auto }

// rulesFile is the file that `parallax compare --rules` reads.
func rulesFile(rules []diff.Rule) ([]byte, error) {
	list, err := ruleMaps(rules)
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(map[string]any{"rules": list}, "", "  ")
	return append(text, '\n'), err
}

// ruleMaps are rules as a job file has them: durations are text.
func ruleMaps(rules []diff.Rule) ([]map[string]any, error) {
	list := []map[string]any{}
	for _, r := range rules {
		text, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		m := map[string]any{}
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, err
		}
		if r.Time > 0 {
			m["time"] = r.Time.Round(time.Nanosecond).String()
		}
		list = append(list, m)
	}
	return list, nil
}
