package resourcetest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"parallax/reports/gate"
	"parallax/server/resource"
	"parallax/shadow/stage"
)

// record writes a change to the audit; the caller holds mu.
func (s *Service) record(by resource.Actor, job, what, before, after, reason string, err error) {
	s.numbered++
	result := "done"
	if err != nil {
		result = err.Error()
	}
	s.audit = slices.Insert(s.audit, 0, resource.AuditEntry{
		ID: "n" + strconv.Itoa(s.numbered), At: Now, Who: by.Name, Role: by.Role, Job: job, What: what, Before: before, After: after, Reason: reason, Result: result,
	})
	s.publish("audit", job, by.Name+": "+what)
}

func (s *Service) Put(_ context.Context, by resource.Actor, name string, file []byte, isDryRun bool) (c resource.Change, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return c, s.failure
	}
	if !bytes.Contains(file, []byte("job:")) {
		err = resource.NewProblem(http.StatusUnprocessableEntity, "Job file is not valid", "line 1: the job file has no field job", "begin the file with job: "+name)
		s.record(by, name, "deploy", "", "", "", err)
		return c, err
	}
	j := s.jobs[name]
	switch {
	case j == nil:
		c = resource.Change{Change: "new", Says: []string{"The job " + name + " is new: it begins in shadow."}}
	case bytes.Contains(file, []byte("partitions: 8")):
		c = resource.Change{Change: "fence", Says: []string{"processors.v2: v2:4 becomes v2:8, with its state, between two batches."}}
	default:
		c = resource.Change{Change: "none", Says: []string{"Nothing changes."}}
	}
	if isDryRun {
		return c, nil
	}
	if j == nil {
		j = empty(name, "api")
		s.jobs[name] = j
	}
	j.FileError = ""
	s.record(by, name, "deploy", "", c.Change, "", nil)
	s.publish("job", name, "")
	return c, nil
}

func (s *Service) Do(_ context.Context, by resource.Actor, name string, a resource.Action) (resource.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(name)
	if err != nil {
		return resource.Job{}, err
	}
	before := j.State
	to, ok := map[resource.Action]resource.State{
		resource.Pause: resource.Paused, resource.Resume: resource.Running, resource.Restart: resource.Starting, resource.Stop: resource.Stopped, resource.Remove: resource.Stopped,
	}[a]
	switch {
	case !ok:
		return j.Job, resource.NewProblem(http.StatusBadRequest, "Unknown action", fmt.Sprintf("%q is not an action", a), "the actions are pause, resume, restart, stop and remove")
	case a == resource.Pause && before != resource.Running, a == resource.Resume && before != resource.Paused:
		err = resource.NewProblem(http.StatusConflict, "Not possible now", fmt.Sprintf("the job %s is %s", name, before), "")
		s.record(by, name, string(a), string(before), "", "", err)
		return j.Job, err
	}
	j.State, j.Reason = to, ""
	if a == resource.Remove {
		delete(s.jobs, name)
	}
	s.record(by, name, string(a), string(before), string(to), "", nil)
	s.publish("job", name, "")
	return j.Job, nil
}

func (s *Service) SetStage(_ context.Context, by resource.Actor, name string, r resource.StageRequest) (resource.Stage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(name)
	if err != nil {
		return resource.Stage{}, err
	}
	before := j.stage.Stage
	to, err := j.target(r)
	if err == nil && before.IsBefore(to) && !r.Force {
		if n := j.stage.Next; n == nil || len(n.Missing) > 0 {
			p := resource.NewProblem(http.StatusConflict, "Refused by the gate", fmt.Sprintf("%s cannot go forward to %s", name, to), "wait for what is missing, or force it with a reason")
			p.Verdict = "inconclusive"
			if n != nil {
				p.Missing = n.Missing
				if n.IsFail {
					p.Verdict = "fail"
				}
			}
			err = p
		}
	}
	if err == nil && r.Force && r.Reason == "" {
		err = resource.NewProblem(http.StatusBadRequest, "A reason is needed", "a change that the gate does not allow needs a reason", "say why in reason")
	}
	if err != nil {
		s.record(by, name, "stage "+r.To, before.String(), "", r.Reason, err)
		return j.stage, err
	}
	if r.To == "release" {
		j.stage.Held, j.Held, j.stage.Strikes = false, false, 0
		s.record(by, name, "release", "held", "", r.Reason, nil)
		s.publish("stage", name, "the migration is released")
		return j.stage, nil
	}
	j.move(to, by, r)
	s.record(by, name, "stage "+to.String(), before.String(), to.String(), r.Reason, nil)
	s.publish("stage", name, fmt.Sprintf("%s is in %s", name, to))
	return j.stage, nil
}

// target is the stage that is asked for.
func (j *job) target(r resource.StageRequest) (stage.Stage, error) {
	switch r.To {
	case "next":
		if j.stage.Next == nil {
			return stage.Stage{}, resource.NewProblem(http.StatusConflict, "No next stage", "the plan ends at "+j.stage.Stage.String(), "")
		}
		return j.stage.Next.Stage, nil
	case "back":
		return stage.Stage{}, nil // V1's rows, all of them
	case "release":
		if !j.stage.Held {
			return stage.Stage{}, resource.NewProblem(http.StatusConflict, "Not held", "the migration of "+j.Job.Job+" is not held", "")
		}
		return j.stage.Stage, nil
	}
	to, err := stage.Parse(r.To)
	if err != nil {
		return to, resource.NewProblem(http.StatusBadRequest, "Unknown stage", err.Error(), "")
	}
	return to, nil
}

// move changes the stage, and what follows from it.
func (j *job) move(to stage.Stage, by resource.Actor, r resource.StageRequest) {
	st := &j.stage
	c := stage.Change{From: st.Stage, To: to, Step: -1, At: Now, Who: by.Name, Why: r.Reason, Verdict: j.verdict.ID, Run: st.Run, IsForced: r.Force, Strikes: st.Strikes, Position: j.Records}
	for i, p := range st.Plan {
		if p.Stage == to {
			c.Step = i
		}
	}
	j.changes = slices.Insert(j.changes, 0, c)
	j.Job.Stage, st.Stage, st.Step, st.Since, st.Last = to, to, c.Step, Now, &c
	st.Emits, st.Next = emits(to), nil
	for _, p := range st.Plan {
		if to.IsBefore(p.Stage) {
			st.Next = &resource.NextStage{Stage: p.Stage, At: Now.Add(p.MinTime), Missing: []string{"the step began just now: " + p.MinTime.String() + " are needed"}}
			break
		}
	}
}

// emits says whose rows go out in a stage.
func emits(s stage.Stage) string {
	switch s.Kind {
	case stage.Canary:
		return fmt.Sprintf("V1's rows; V2's for %v %% of the keys, verified at E2", s.Percent)
	case stage.Promoted:
		return "V2's rows, verified at E2"
	case stage.Done:
		return "V2's rows; V1 is off"
	}
	return "V1's rows"
}

func (s *Service) Rescale(_ context.Context, by resource.Actor, name string, partitions int) (resource.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(name)
	if err != nil {
		return resource.Job{}, err
	}
	before := j.V2
	if partitions < 1 || partitions > 64 {
		err = resource.NewProblem(http.StatusBadRequest, "Impossible number", fmt.Sprintf("V2 cannot have %d partitions", partitions), "ask for 1 to 64")
		s.record(by, name, "rescale", before, "", "", err)
		return j.Job, err
	}
	j.V2 = "v2:" + strconv.Itoa(partitions)
	s.record(by, name, "rescale", before, j.V2, "", nil)
	s.publish("job", name, "")
	return j.Job, nil
}

func (s *Service) Explain(_ context.Context, by resource.Actor, name string, r resource.ExplainRequest) (resource.Explanation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(name)
	if err != nil {
		return resource.Explanation{}, err
	}
	if !slices.ContainsFunc(j.signatures, func(g resource.Signature) bool { return g.ID == r.Signature }) {
		return resource.Explanation{}, resource.NewProblem(http.StatusNotFound, "Signature not found", fmt.Sprintf("the job %s has no signature %q", name, r.Signature), "list the job's signatures")
	}
	e := resource.Explanation{ID: "x-" + r.Signature, Signature: r.Signature, State: "done", Text: explanation, Folder: "/var/lib/parallax/explain/" + r.Signature, At: Now}
	if j.explanations == nil {
		j.explanations = map[string]resource.Explanation{}
	}
	j.explanations[e.ID] = e
	s.record(by, name, "explain "+r.Signature, "", "", "", nil)
	return e, nil
}

// effect is what tolerating a column, or a signature, hides of the stored samples.
func (j *job) effect(hides func(resource.Signature) bool) resource.RuleEffect {
	e := resource.RuleEffect{Of: int64(len(j.divergences)), Signatures: []string{}, Verdict: j.Verdict, Says: []string{}}
	left := 0
	for _, g := range j.signatures {
		switch {
		case hides(g):
			e.Signatures = append(e.Signatures, g.ID)
		case g.Status == "open":
			left++
		}
	}
	for _, d := range j.divergences {
		if slices.Contains(e.Signatures, d.Signature) {
			e.Samples++
		}
	}
	if left == 0 && len(j.signatures) > 0 {
		e.Verdict = "pass"
	}
	e.Says = append(e.Says, fmt.Sprintf("%d of %d stored samples are hidden", e.Samples, e.Of))
	if left > 0 {
		e.Says = append(e.Says, fmt.Sprintf("%d signatures stay open", left))
	}
	return e
}

// adopt gives the signatures that an effect hides their status, and the job its verdict.
func (j *job) adopt(e *resource.RuleEffect, status string) {
	for i := range j.signatures {
		if slices.Contains(e.Signatures, j.signatures[i].ID) {
			j.signatures[i].Status = status
		}
	}
	e.IsAdopted = true
	if e.Verdict == j.Verdict {
		return
	}
	j.Verdict, j.VerdictReason = e.Verdict, ""
	j.verdict.Verdict, j.verdict.Reason, j.verdict.Missing = gate.State(e.Verdict), "", nil
	if j.stage.Next != nil {
		j.stage.Next.Missing, j.stage.Next.IsFail = nil, false
	}
}

func (s *Service) ProposeRule(_ context.Context, by resource.Actor, name string, r resource.RuleRequest, isDryRun bool) (e resource.RuleEffect, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(name)
	if err != nil {
		return e, err
	}
	if err := r.Rule.Validate(); err != nil {
		return e, resource.NewProblem(http.StatusUnprocessableEntity, "Rule is not valid", err.Error(), "")
	}
	e = j.effect(func(g resource.Signature) bool {
		return g.Status == "open" && slices.Equal(g.Columns, []string{r.Rule.Column}) && cmp.Or(r.Rule.Topic, g.Topic) == g.Topic
	})
	if !isDryRun {
		j.rules.Rules = append(j.rules.Rules, resource.Rule{Rule: r.Rule})
		j.adopt(&e, "tolerated")
		s.record(by, name, "rule for "+r.Rule.Column, "", r.Rule.String(), r.Rule.Reason, nil)
		s.publish("job", name, "")
	}
	return e, nil
}

func (s *Service) Accept(_ context.Context, by resource.Actor, name string, r resource.AcceptRequest, isDryRun bool) (e resource.RuleEffect, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(name)
	if err != nil {
		return e, err
	}
	if err := r.Validate(); err != nil {
		return e, resource.NewProblem(http.StatusUnprocessableEntity, "Acceptance is not valid", err.Error(), "")
	}
	e = j.effect(func(g resource.Signature) bool { return g.ID == r.Signature })
	if !isDryRun {
		j.rules.Accepted = append(j.rules.Accepted, gate.AcceptedSignature{Acceptance: r.Acceptance})
		j.adopt(&e, "accepted")
		s.record(by, name, "accept "+r.Signature, "", "accepted until "+string(r.Expires), r.Reason, nil)
		s.publish("job", name, "")
	}
	return e, nil
}
