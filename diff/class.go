package diff

// Class is what kind of difference a divergence is.
type Class string

// The classes of divergence.
const (
	Missing       Class = "missing"
	Extra         Class = "extra"
	ValueClass    Class = "value"
	TypeClass     Class = "type"
	Schema        Class = "schema"
	KeyClass      Class = "key"
	WindowBounds  Class = "window_bounds"
	Tombstone     Class = "tombstone"
	Reorder       Class = "reorder"
	Duplicate     Class = "duplicate"
	Early         Class = "early"
	Late          Class = "late"
	Routing       Class = "routing"
	ArmError      Class = "arm_error"
	NotComparable Class = "not_comparable"
)

// Side is one of the two paths.
type Side uint8

// The sides.
const (
	V1 Side = iota
	V2
)

func (s Side) String() string { return [...]string{"V1", "V2"}[s] }

// Hypothesis is a guess at why rows differ; its text is for people.
type Hypothesis string

// The hypotheses.
const (
	PartsAddUp Hypothesis = "parts_add_up"
	Stutter    Hypothesis = "stutter"
	Conflated  Hypothesis = "conflated"
	FloatOrder Hypothesis = "float_order"
)

var hypothesisTexts = map[Hypothesis]string{
	PartsAddUp: "V2's partitions each hold a part of the group and the parts add up to V1's value: one key is routed to several partitions (routing, split key)",
	Stutter:    "V2 repeats rows that have not changed; after collapsing equal neighbours both changelogs are the same (E3)",
	Conflated:  "V2 leaves intermediate values out and ends at the same one (E3r): it conflates updates",
	FloatOrder: "the values differ by a few units in the last place: floating-point sums in another order",
}

// Text explains the hypothesis; "" for none.
func (h Hypothesis) Text() string { return hypothesisTexts[h] }
