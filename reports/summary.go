// Package reports renders the results of a run, for machines and for people. It decides
// nothing: verdicts come from gate.
//
// Stability: ours.
package reports

import (
	"encoding/json"
	"fmt"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// Summary is a run as one line of JSON: field names and their order are a contract with
// other programs.
type Summary struct {
	Job         string              `json:"job"`
	Verdict     string              `json:"verdict"`
	Code        int                 `json:"code"`
	Reason      string              `json:"reason"`
	Records     int64               `json:"records"`
	Ledger      diff.Ledger         `json:"ledger"`
	Late        int64               `json:"late"`
	BrokerGaps  int64               `json:"broker_gaps"`
	Outputs     evidence.Outputs    `json:"outputs"`
	LevelHeld   diff.Level          `json:"level_held"`
	Divergences diff.Divergences    `json:"divergences"`
	Signatures  []diff.Signature    `json:"signatures"`
	Throughput  evidence.Throughput `json:"throughput"`
	V2          evidence.Candidate  `json:"v2"`
	Report      string              `json:"report"`
	// Code is the verdict's exit code, Exit the process': they differ in a live run
	// that a signal ended.
	Exit int `json:"exit"`
	// Tolerated are the tolerated differences of each of diff.rules.
	Tolerated []diff.Tolerated `json:"tolerated"`
	// RefusedRows counts V1's rows that were too large for their topic and became dead
	// letters.
	RefusedRows int64 `json:"refused_rows"`
	// ByOutput is the evidence for each output topic, to which the gate's minimums apply.
	ByOutput []diff.Output `json:"by_output"`
	// ChangedTimestamps counts rows and dead letters written with a timestamp other than
	// their own, because the topic does not accept it.
	ChangedTimestamps int64 `json:"changed_timestamps"`
	// SecondOpinions are the batches on which the comparison itself was checked.
	SecondOpinions evidence.SecondOpinions `json:"second_opinions"`
	// States are the checkpoints at which V2's state was compared with V1's.
	States evidence.StateComparisons `json:"states"`
	// Emission says how the rows of a canary and of promoted went out; absent where there were none.
	Emission *Emission `json:"emission,omitempty"`
	// V1HasV2State is when V1 was given V2's state, because the job went back from done; absent where V1
	// has made its own.
	V1HasV2State *time.Time `json:"v1_has_v2_state,omitempty"`
	// Strata counts V1's compared rows by stratum, which gate.strata may require.
	Strata map[string]int64 `json:"strata"`
	// Columns says what was compared of each column of each output.
	Columns []evidence.Column `json:"columns"`
	// Sensitivity are the mutations on which the comparison itself was checked.
	Sensitivity evidence.Sensitivity `json:"sensitivity"`
	// Run identifies the program, the time, the offsets, and the policy.
	Run
	// Incarnations is how many processes and restarts made the run, 1 for a run of its own. If
	// the counts are those of several, ThisProcess has the counts of the last one; else it is nil.
	Incarnations int          `json:"incarnations"`
	ThisProcess  *ThisProcess `json:"this_process"`
	// Accepted are the differences that are intended, and how often they occurred.
	Accepted []gate.AcceptedSignature `json:"accepted"`
}

// ThisProcess contains the counts of the last of several incarnations of a run.
type ThisProcess struct {
	Records     int64            `json:"records"`
	Ledger      diff.Ledger      `json:"ledger"`
	Outputs     evidence.Outputs `json:"outputs"`
	Divergences diff.Divergences `json:"divergences"`
	// Started and Took say when it ran.
	Started time.Time         `json:"started"`
	Took    evidence.Duration `json:"duration_ms"`
}

// Continues says that the run was begun by an earlier incarnation, of which own is the last.
func (s *Summary) Continues(incarnations int, own evidence.Report) {
	s.Incarnations = incarnations
	s.ThisProcess = &ThisProcess{
		Records: own.Ledger.Records(), Ledger: own.Ledger, Outputs: own.Outputs, Divergences: own.Diff.Divergences,
		Started: own.Started, Took: own.Took,
	}
}

// Summarise returns the summary of a job's results and its verdict.
func Summarise(job string, e evidence.Report, p gate.Policy, v gate.Verdict) Summary {
	return Summary{
		Incarnations: 1,
		Job:          job, Verdict: string(v.State), Code: v.Code(), Reason: v.Reason,
		Records: e.Ledger.Records(), Ledger: e.Ledger, Late: e.Late, BrokerGaps: e.BrokerGaps,
		Outputs: e.Outputs, LevelHeld: e.Diff.LevelHeld, Divergences: e.Diff.Divergences, Signatures: e.Diff.Signatures,
		Throughput: e.Throughput, V2: e.Candidate, Tolerated: e.Diff.Tolerated, Accepted: v.Accepted, RefusedRows: e.RefusedRows, ByOutput: e.Diff.Outputs,
		ChangedTimestamps: e.ChangedTimestamps, SecondOpinions: e.SecondOpinions, States: e.States,
		Emission: emissionOf(e.Emission), V1HasV2State: e.V1HasV2State, Strata: e.Strata, Columns: e.Columns, Sensitivity: e.Sensitivity,
		Run: Run{Run: e.Run, Policy: Policy{RequireLevel: e.Require, Policy: p}, SetAside: e.SetAside},
	}
}

// JSON returns the summary's line, without its end.
func (s Summary) JSON() ([]byte, error) {
	if s.Signatures == nil {
		s.Signatures = []diff.Signature{}
	}
	if s.Divergences.ByClass == nil {
		s.Divergences.ByClass = map[diff.Class]int64{}
	}
	if s.Tolerated == nil {
		s.Tolerated = []diff.Tolerated{}
	}
	if s.Accepted == nil {
		s.Accepted = []gate.AcceptedSignature{}
	}
	if s.ByOutput == nil {
		s.ByOutput = []diff.Output{}
	}
	if s.V2.Partitions == nil {
		s.V2.Partitions = []evidence.Partition{}
	}
	if s.V2.Routing == nil {
		s.V2.Routing = []evidence.Routing{}
	}
	if s.V2.Holes == nil {
		s.V2.Holes = []evidence.Hole{}
	}
	if s.Strata == nil {
		s.Strata = map[string]int64{}
	}
	if s.Columns == nil {
		s.Columns = []evidence.Column{}
	}
	if s.Sensitivity.Mutations == nil {
		s.Sensitivity.Mutations = []evidence.Mutation{}
	}
	if s.ThisProcess != nil && s.ThisProcess.Divergences.ByClass == nil {
		s.ThisProcess.Divergences.ByClass = map[diff.Class]int64{}
	}
	s.fillRun()
	line, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the summary: %w", err)
	}
	return line, nil
}
