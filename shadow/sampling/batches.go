package sampling

// ChosenOneIn is how rare the batches are that IsChosen chooses.
const ChosenOneIn = 100

// IsChosen chooses one in ChosenOneIn batches by their number, without a pattern that
// an error could share.
func IsChosen(seq int64) bool {
	h := uint64(seq) * 0x9e3779b97f4a7c15
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return (h>>32)%ChosenOneIn == 0
}
