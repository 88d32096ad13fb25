package explain

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"parallax/diff"
	"parallax/diff/records"
	"parallax/processors/plan"
)

// Command returns the command that reproduces the divergence in the folder: a comparison of
// V2's rows with V1's where they show it, else another explanation.
func (x *Explanation) Command(ctx context.Context, s *Subject) string {
	if !x.isShownByRows(ctx, s) {
		return "parallax explain job.yaml " + x.Signature.ID + " --input records.jsonl" + flag("fault", s.Fault)
	}
	run := "parallax sql -f query.sql --input records.jsonl --processor " + x.way.V2.String()
	if s := x.way.V2.Strategy; !isAuto(s) {
		run += flag("strategy", string(s))
	}
	if x.way.V2.ForceStrategy {
		run += " --force"
	}
	if every := x.way.Cut.Every; every > 0 {
		run += fmt.Sprintf(" --batch %d", every)
	} else if x.Records > 1000 {
		run += fmt.Sprintf(" --batch %d", x.Records)
	}
	if s.Options.ErrorsToDeadLetter {
		run += " --on-error dlq"
	}
	if s.Options.LateToDeadLetter {
		run += " --late dlq"
	}
	run += flag("fault", s.Fault) + " | parallax compare v1.jsonl - --level " + s.Require.String() + " --allow-empty"
	if len(s.Rules) > 0 {
		run += " --rules rules.yaml"
	}
	return run
}

// flag is a flag with its value; "" without a value.
func flag(name, value string) string {
	if value == "" {
		return ""
	}
	return " --" + name + " " + value
}

// isShownByRows reports whether the rows of `parallax sql` show the divergence to `parallax
// compare`.
func (x *Explanation) isShownByRows(ctx context.Context, s *Subject) bool {
	p, err := plan.Compile(s.Script, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil || x.Restarts || x.Signature.Class == diff.ArmError || len(p.Queries) != len(s.Plan.Queries) {
		return false
	}
	for i, q := range p.Queries {
		if q.Sink.Topic != s.Plan.Queries[i].Sink.Topic {
			return false
		}
	}
	r, err := records.Compare(ctx, bytes.NewReader(x.v1), bytes.NewReader(x.v2), "v1.jsonl", "v2.jsonl", records.Options{
		Options: diff.Options{Require: s.Require, Rules: s.Rules}, AllowEmpty: true,
	})
	return err == nil && r.Root+r.Cascade > 0
}

// readme is the folder's README.md.
func (x *Explanation) readme(s *Subject, command string) string {
	var b strings.Builder
	sig := &x.Signature
	fmt.Fprintf(&b, "# %s\n\n", title(sig))
	fmt.Fprintf(&b, "The smallest input of job %s that still shows divergence %s: %s.\n", s.Job, sig.ID, recordsText(x.Records))
	fmt.Fprintf(&b, "Run this command in this folder to see the divergence; its exit code is %s.\n\n```sh\n%s\n```\n\n", exitOf(command), command)
	fmt.Fprintf(&b, "- %s\n- %s\n", x.Opinion, x.Conclusion)
	for _, more := range x.More {
		fmt.Fprintf(&b, "- %s\n", more)
	}
	if x.Stage != nil {
		fmt.Fprintf(&b, "- The first rows that differ are those of %s.\n", x.Stage.Text())
	}
	if sig.HypothesisText != "" {
		fmt.Fprintf(&b, "- Hypothesis: %s.\n", sig.HypothesisText)
	}
	b.WriteString(`
| file | holds |
|---|---|
| query.sql | the script |
| records.jsonl | the input records, in their order |
| v1.jsonl | V1's rows |
| v2.jsonl | V2's rows |
| expected.jsonl | the oracle's rows |
| job.yaml | a job file with the job's settings that the result depends on |
| explanation.json | the explanation, as ` + "`parallax explain --json`" + ` prints it |
`)
	if len(s.Rules) > 0 {
		b.WriteString("| rules.yaml | the rules by which differences are tolerated |\n")
	}
	return b.String()
}

// exitOf is the exit code of a command that shows the divergence.
func exitOf(command string) string {
	if strings.HasPrefix(command, "parallax explain") {
		return "0"
	}
	return "1"
}

func recordsText(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}

// title says what differs: value in by-symbol: VOLUME.
func title(s *diff.Signature) string {
	text := string(s.Class)
	if s.Topic != "" {
		text += " in " + s.Topic
	}
	if len(s.Columns) > 0 {
		text += ": " + strings.Join(s.Columns, ", ")
	}
	return text
}
