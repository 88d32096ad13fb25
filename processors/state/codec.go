package state

// Codec writes and reads the entries of one stage of a plan. Their form is canonical: equal
// states have equal bytes, no matter which processor made them or which records led to them. A
// codec is not safe for concurrent use.
type Codec interface {
	// Append appends the form of an entry's State. It does not contain Hash and Partition,
	// which must be stored next to it.
	Append(dst []byte, e Entry) []byte
	// Read reads what Append wrote; src may be any bytes, and nothing of it is kept. The
	// entry that it returns has its State only. An error says what is wrong at which byte.
	Read(src []byte) (Entry, error)
}

// Describer shows entries of one stage of a plan to people. It is not safe for concurrent use.
type Describer interface {
	// Describe returns what an entry is about and what it holds. Entries of one state have
	// different keys, unless the state is wrong.
	Describe(e Entry) (key, text string)
}
