package plan

// String returns the call as SQL text.
func (a *AggregateCall) String() string { return a.text() }
