// Package faults is the catalogue of ways in which a partitioned V2 has gone
// wrong in practice, each implemented as a V2 with that fault. The comparison must
// find them: a fault that is not found is a bug of Parallax.
//
// It knows what should be found, but not how: package diff compares. Nothing here
// is part of a V2 that runs without a fault.
//
// Stability: ours.
package faults

// Kind is a fault of the catalogue.
type Kind struct {
	Name string
	// Summary is what goes wrong, in one line.
	Summary string
	// Classes are the divergence classes that the fault shows as: the first one
	// is always found, and none that is not here. None: it shows in no output.
	Classes []string
	// Hypothesis is the guess that is named for what is found, "" for none.
	Hypothesis string
	// Holds is the strongest level from E1 to E4 at which V1 and V2 are still equal, "" for
	// none that is certain.
	Holds string
	// Code is the exit code of a run that requires E1.
	Code int
	// Sheds says that it shows under on_overload: shed.
	Sheds bool
	// Hoards says that it is V2's memory that it shows in, not how long V2 takes.
	Hoards bool
	// InState says that it is V2's state that shows it for certain, as class state: at a
	// checkpoint or a clean stop, not in a run that ends with a flush.
	InState bool
	// Scenario is the workload that shows it, where the default one does not;
	// Records is how many records that takes, where that is not the default.
	Scenario string
	Records  int
	// MinPartitions is how many partitions it takes to go wrong; 0 is any.
	MinPartitions int

	// whole says that it is a property of the processor, not of a range of
	// records.
	whole bool
	// One of these says what goes wrong, and where: in the coordinator or a
	// partition, after merge, or altogether.
	inside func(*span) inside
	after  func() after
	make   maker
}

// Catalogue returns all faults, in the order in which people should read them.
func Catalogue() []Kind {
	return []Kind{
		{
			Name: "split-key", Summary: "records are routed without regard to their key, so one key has state in several partitions",
			Classes: []string{"routing", "value"}, Hypothesis: "parts_add_up", Code: fail, MinPartitions: 2, inside: splitKey,
		},
		{
			Name: "over-split", Summary: "the records of OVER are routed by a column other than PARTITION BY's",
			Classes: []string{"value", "routing"}, Code: fail, Scenario: "1", MinPartitions: 2, inside: overSplit,
		},
		{
			Name: "distinct-split", Summary: "records are routed without regard to the columns of DISTINCT, so each partition emits a row once",
			Classes: []string{"extra", "routing"}, Code: fail, Scenario: "distinct", MinPartitions: 2, inside: splitKey,
		},
		{
			Name: "limit-split", Summary: "each partition emits as many rows as LIMIT allows in total",
			Classes: []string{"extra", "routing"}, Code: fail, Scenario: "limit", MinPartitions: 2, whole: true, make: newLimitSplit,
		},
		{
			Name: "null-key", Summary: "NULL in a key is treated as the text NULL",
			Classes: []string{"key", "missing"}, Hypothesis: "null_text", Code: fail, Scenario: "nulls", after: nullKey,
		},
		{
			Name: "batch-drop", Summary: "if a record cannot be decoded, all records of its batch that go to the same partition are lost",
			Classes: []string{"missing", "value"}, Hypothesis: "bad_record", Code: fail, Scenario: "bad", inside: batchDrop,
		},
		{
			Name: "partition-drop", Summary: "a partition stops, and the job continues without it",
			Classes: []string{"missing", "value", "late"}, Code: fail, inside: partitionDrop,
		},
		{
			Name: "tail-drop", Summary: "at the end of the input, one partition's last sub-batch is lost",
			Classes: []string{"missing"}, Code: fail, Scenario: "3a", inside: tailDrop,
		},
		{
			Name: "duplicate", Summary: "a partition's results are emitted twice, as after a retry",
			Classes: []string{"duplicate"}, Hypothesis: "retried", Holds: "E3", Code: fail, after: duplicate,
		},
		{
			Name: "key-reorder", Summary: "two updates of one key are swapped, once a batch",
			Classes: []string{"reorder"}, Code: fail, after: keyReorder,
		},
		{
			Name: "interleave", Summary: "the partitions' results are concatenated instead of merged; the order for each key is kept",
			Classes: []string{"reorder"}, Holds: "E2", Code: fail, MinPartitions: 2, after: interleave,
		},
		{
			Name: "reemit", Summary: "each record makes its partition emit every group of the window again",
			Classes: []string{"extra", "duplicate"}, Hypothesis: "stutter", Holds: "E3", Code: fail, Records: 200, after: reemit,
		},
		{
			Name: "conflate", Summary: "only the last value of a key and window in each batch is emitted",
			Classes: []string{"missing"}, Hypothesis: "conflated", Holds: "E3r", Code: fail, after: conflate,
		},
		{
			Name: "impossible-value", Summary: "only the last value of a key and window in each batch is emitted, with one column of the previous value",
			Classes: []string{"value", "missing"}, Code: fail, after: impossibleValue,
		},
		{
			Name: "local-watermark", Summary: "each partition has its own watermark, which only its own records move",
			Classes: []string{"late", "missing", "reorder"}, Hypothesis: "clock_behind", Code: fail, Scenario: "late", inside: localWatermark,
		},
		{
			Name: "early-close", Summary: "a record that is out of order moves the watermark forward by as much as the record is behind",
			Classes: []string{"early", "missing"}, Hypothesis: "clock_ahead", Code: fail, Scenario: "3a", make: newEarlyClose,
		},
		{
			Name: "boundary", Summary: "a record at the exclusive end of a window is counted in that window",
			Classes: []string{"window_bounds", "value"}, Hypothesis: "off_by_one", Code: fail, Scenario: "seconds", make: newBoundary,
		},
		{
			Name: "late-refire", Summary: "a closed window is emitted again when a late record arrives",
			Classes: []string{"late", "extra"}, Hypothesis: "late_accepted", Code: fail, Scenario: "late", make: newLateRefire,
		},
		{
			Name: "session-global", Summary: "there is one session for all keys",
			Classes: []string{"window_bounds", "value", "tombstone"}, Hypothesis: "shared_session", Code: fail, Scenario: "session", Records: 20_000, whole: true, make: newSessionGlobal,
		},
		{
			Name: "state-reset", Summary: "all state is lost between two batches",
			Classes: []string{"value", "missing"}, Code: fail, make: newStateReset,
		},
		{
			Name: "stale-restore", Summary: "V2 continues from a state that is older than its input position",
			Classes: []string{"value", "missing", "duplicate"}, Code: fail, make: newStaleRestore,
		},
		{
			Name: "expired-stays", Summary: "a group that has expired stays in the state, for good",
			Classes: []string{"state"}, Holds: "E1", Code: fail, InState: true, Scenario: "late", Records: 20_000, make: newExpiredStays,
		},
		{
			Name: "session-twice", Summary: "an open session is in the state twice",
			Classes: []string{"state", "value", "duplicate", "missing", "extra", "tombstone", "window_bounds"}, Code: fail, InState: true, Scenario: "session", Records: 20_000, make: newSessionTwice,
		},
		{
			Name: "join-forgets", Summary: "the rows that a join keeps of a key are forgotten, before a row comes that matches them",
			Classes: []string{"state", "missing"}, Code: fail, InState: true, Scenario: "join", Records: 20_000, make: newJoinForgets,
		},
		{
			Name: "update-lost", Summary: "a record's update of a group is lost, whose row is only emitted when its window closes",
			Classes: []string{"state", "value", "missing"}, Code: fail, InState: true, Scenario: "3a", Records: 20_000, inside: updateLost,
		},
		{
			Name: "float-order", Summary: "floating-point numbers are added in another order",
			Classes: []string{"value"}, Hypothesis: "float_order", Code: fail, Scenario: "doubles", make: newFloatOrder,
		},
		{
			Name: "int-as-float", Summary: "integers are converted to double and back",
			Classes: []string{"type", "value"}, Hypothesis: "through_double", Code: fail, after: intAsFloat,
		},
		{
			Name: "scale", Summary: "decimals are written with two more digits after the point",
			Classes: []string{"type"}, Code: fail, after: scale,
		},
		{
			Name: "tombstone-lost", Summary: "deletions are not emitted",
			Classes: []string{"tombstone"}, Code: fail, Scenario: "having", after: tombstoneLost,
		},
		{
			Name: "swallow-error", Summary: "a record whose expression fails is dropped without an error",
			Classes: []string{"missing", "value"}, Code: fail, Scenario: "errors", whole: true, make: newSwallowError,
		},
		{
			Name: "lose-keys", Summary: "rows are handed over without the contents of their keys",
			Classes: []string{"key", "routing"}, Code: fail, after: loseKeys,
		},
		{
			Name: "overwrite", Summary: "the text of a key is overwritten in memory after the row was handed over",
			Classes: []string{"key", "routing"}, Code: fail, after: overwrite,
		},
		{
			Name: "swap-outputs", Summary: "rows that one record produces in two outputs are swapped",
			Classes: []string{"reorder"}, Holds: "E2", Code: fail, after: swapOutputs,
		},
		{
			Name: "lose-dead-letters", Summary: "refused records do not become dead letters",
			Classes: []string{"missing"}, Code: fail, make: newLoseDeadLetters,
		},
		{
			Name: "panic", Summary: "a partition panics",
			Classes: []string{"arm_error"}, Code: fail, inside: panics,
		},
		{
			Name: "hang", Summary: "a partition blocks forever and ignores cancellation",
			Classes: []string{"arm_error"}, Code: fail, make: newHung,
		},
		{
			Name: "slow", Summary: "V2 runs at a tenth of V1's speed",
			Holds: "E1", Code: inconclusive, Sheds: true, Records: 400_000, make: newSlow,
		},
		{
			Name: "memory", Summary: "V2 allocates without bound",
			Holds: "E1", Code: inconclusive, Sheds: true, Hoards: true, Records: 400_000, inside: memory,
		},
		{
			Name: "silent", Summary: "V2 processes its input and emits nothing",
			Classes: []string{"missing"}, Code: fail, after: silent,
		},
		{
			Name: "echo", Summary: "V2 repeats V1's output and processes nothing",
			Holds: "E1", Code: inconclusive, whole: true, make: newEcho,
		},
	}
}

// Exit codes, as the command line defines them.
const (
	fail         = 1
	inconclusive = 3
)
