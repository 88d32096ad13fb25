package functions

// tableFunctions give several rows of one. What they do is a projection's: see
// Query.Explode.
var tableFunctions = []Function{
	{
		Name: "EXPLODE", Signatures: []string{"ARRAY<T> -> T"}, TakesNull: true, Table: true,
		Doc:     "A row for each element of the ARRAY, none where it is empty or NULL; several run in step, the shorter ones give NULL. In SELECT only.",
		Example: "EXPLODE(SPLIT('a b', ' ')) = EXPLODE(ARRAY['a', 'b'])",
	},
}
