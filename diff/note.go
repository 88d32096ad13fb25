package diff

import "slices"

// acrossKeys is the shape of a divergence of rows that are in another order among keys.
const acrossKeys = "across keys"

// note describes the divergences of a signature where class and columns do not; otherwise
// it is "".
func note(s *Signature) string {
	switch {
	case s.Class == StateClass:
		return "at a checkpoint V2's state is not V1's; rows that depend on it are wrong, or will be"
	case s.Class == Routing:
		return "rows of one key come from several of V2's partitions"
	case s.Class == Reorder && s.shape == acrossKeys:
		return "each key has the same rows in the same order; only the order among rows of several keys is another (E2 holds)"
	case s.Class == Reorder && s.shape == acrossOutputs:
		return "each output has the same rows in the same order; only the order among rows of several outputs is another"
	case s.Class == Reorder && s.shape == "":
		return "rows of one key and window are the same, in another order"
	case s.Class == ValueClass && slices.Equal(s.Columns, []string{timestampColumn}):
		return "the values are the same; only the row's own timestamp differs"
	}
	return ""
}
