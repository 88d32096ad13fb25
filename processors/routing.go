package processors

import "parallax/processors/route"

// Routing says how V2 routes the records of one stage of a query, and why.
type Routing struct {
	Query    string // the stage's sink's name
	Index    int    // of the query in the plan
	Strategy route.Strategy
	// Forced says that the strategy splits the query's state and was taken all the
	// same: what V2 makes of it is wrong.
	Forced bool
	Why    string
	// Unsplittable says why the stage's state belongs to one partition whatever the
	// strategy, "" where it can be split.
	Unsplittable string
	// Records are those that each partition's engine has taken since V2 began; nil of a
	// V2 that does not run.
	Records []int64
}

// Name is the strategy's, with a note where it was forced.
func (r Routing) Name() string {
	if r.Forced {
		return string(r.Strategy) + " (forced)"
	}
	return string(r.Strategy)
}
