package diff

// Class is the kind of a difference.
type Class string

// The classes of divergence.
const (
	Missing      Class = "missing"
	Extra        Class = "extra"
	ValueClass   Class = "value"
	TypeClass    Class = "type"
	Schema       Class = "schema"
	KeyClass     Class = "key"
	WindowBounds Class = "window_bounds"
	Tombstone    Class = "tombstone"
	Reorder      Class = "reorder"
	Duplicate    Class = "duplicate"
	Early        Class = "early"
	Late         Class = "late"
	Routing      Class = "routing"
	ArmError     Class = "arm_error"
	StateClass   Class = "state" // states that differ at a checkpoint
)

// Side is one of the two paths.
type Side uint8

// The sides.
const (
	V1 Side = iota
	V2
)

func (s Side) String() string { return [...]string{"V1", "V2"}[s] }

// Hypothesis is a possible reason why rows differ; its text is for messages.
type Hypothesis string

// The hypotheses.
const (
	PartsAddUp    Hypothesis = "parts_add_up"
	Stutter       Hypothesis = "stutter"
	Conflated     Hypothesis = "conflated"
	FloatOrder    Hypothesis = "float_order"
	ClockAhead    Hypothesis = "clock_ahead"
	ClockBehind   Hypothesis = "clock_behind"
	LateAccepted  Hypothesis = "late_accepted"
	OffByOne      Hypothesis = "off_by_one"
	SharedSession Hypothesis = "shared_session"
	NullText      Hypothesis = "null_text"
	BadRecord     Hypothesis = "bad_record"
	PartLost      Hypothesis = "part_lost"
	ThroughDouble Hypothesis = "through_double"
	OtherUnit     Hypothesis = "other_unit"
	TimeZone      Hypothesis = "time_zone"
	Retried       Hypothesis = "retried"
	BufferReused  Hypothesis = "buffer_reused"
)

var hypothesisTexts = map[Hypothesis]string{
	PartsAddUp:    "V2's partitions each hold a part of the group and the parts add up to V1's value: one key is routed to several partitions (routing, split key)",
	Stutter:       "V2 repeats rows that have not changed; after collapsing equal neighbours both changelogs are the same (E3)",
	Conflated:     "V2 leaves intermediate values out and ends at the same one (E3r): it conflates updates",
	FloatOrder:    "the values differ by a few units in the last place: floating-point sums in another order",
	ClockAhead:    "V2 closes the window before the watermark does: its clock, or that of one partition, is ahead",
	ClockBehind:   "V2 does not close the window when the watermark does, but later or not at all: its clock, or that of one partition, is behind",
	LateAccepted:  "V2 takes a record that came after its window had closed: it counts late records, or emits the window again for them",
	OffByOne:      "V2 puts the record into the window beside V1's: the end of a window is taken for a part of it, or its start is not",
	SharedSession: "V2's session is longer than the records of the key make it: one session for several keys, or a longer gap",
	NullText:      "NULL in the key is taken for a text",
	BadRecord:     "V2's partition shows nothing of a batch that has a record which does not decode: one bad record takes those beside it with it",
	PartLost:      "V2's partition shows nothing of the batch: it has stopped, or its part of the batch was lost",
	ThroughDouble: "V2's integers went through a DOUBLE, which has 53 bits: larger ones lose their last digits",
	OtherUnit:     "V2's values are V1's times a factor between units, such as 1000 or 60: seconds for milliseconds, or the like",
	TimeZone:      "V2's times are V1's, shifted by quarters of an hour: another time zone",
	Retried:       "V2 processed a batch, or a partition's part of it, twice: its rows come twice, or its records are counted twice, as after a retry",
	BufferReused:  "V2's row shows values of another row: memory that the row still uses was used again for that other row",
}

// Text explains the hypothesis; "" for none.
func (h Hypothesis) Text() string { return hypothesisTexts[h] }
