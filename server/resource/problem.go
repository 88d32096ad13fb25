package resource

// Problem is an error that a client can do something about: a problem document (RFC 9457).
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Do says what to do about it.
	Do string `json:"do,omitempty"`
	// Instance is the path that was asked for.
	Instance string `json:"instance,omitempty"`
	// Verdict is what refused a step forward: fail, inconclusive, error, or held for a migration
	// that a person has to release. Missing is what the step needs.
	Verdict string   `json:"verdict,omitempty"`
	Missing []string `json:"missing,omitempty"`
}

func (p *Problem) Error() string {
	if p.Do == "" {
		return p.Detail
	}
	return p.Detail + "; " + p.Do
}

// NewProblem returns a problem with an HTTP status; do says what the client can do.
func NewProblem(status int, title, detail, do string) *Problem {
	return &Problem{Type: "about:blank", Title: title, Status: status, Detail: detail, Do: do}
}
