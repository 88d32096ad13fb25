package processors

import "parallax/processors/route"

// Routing says how V2 routes the records of one stage of a query, and why.
type Routing struct {
	Query    string // the stage's sink's name
	Index    int    // of the query in the plan
	Strategy route.Strategy
	// Forced says that the strategy splits the query's state and was used all the same:
	// V2's results are wrong.
	Forced bool
	Why    string
	// Unsplittable is the reason why the stage's state must stay in one partition under
	// any strategy, "" where it can be split.
	Unsplittable string
	// Records are the numbers of records that each partition's engine has taken since V2
	// started; nil for a V2 that does not run.
	Records []int64
}

// Name returns the strategy's name, with a note where it was forced.
func (r Routing) Name() string {
	if r.Forced {
		return string(r.Strategy) + " (forced)"
	}
	return string(r.Strategy)
}
