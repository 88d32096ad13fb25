package exec

import "parallax/processors/row"

// slab hands out slices of values from one piece after another. The first piece is
// small and each is twice as long as the one before, up to slabSize: there is a slab
// for each query and partition of each batch on its way, and many make few rows.
type slab struct {
	pieces [][]row.Value
	// piece is the one at hand, of which used are handed out.
	piece, used int
}

const (
	// slabSize is how many values the largest pieces have, 64 KB of them, and how
	// many are asked for at most by those who take for many rows at once.
	slabSize  = 2048
	firstSlab = 64
)

// reset takes everything back.
func (s *slab) reset() { s.piece, s.used = 0, 0 }

func (s *slab) take(n int) []row.Value {
	for ; s.piece < len(s.pieces); s.piece, s.used = s.piece+1, 0 {
		if p := s.pieces[s.piece]; s.used+n <= len(p) {
			s.used += n
			return p[s.used-n : s.used : s.used]
		}
	}
	size := firstSlab
	if last := len(s.pieces) - 1; last >= 0 {
		size = min(2*len(s.pieces[last]), slabSize)
	}
	s.pieces = append(s.pieces, make([]row.Value, max(n, size)))
	s.used = n
	return s.pieces[s.piece][:n:n]
}

// mark is how much a slab has handed out.
type mark struct{ piece, used int }

func (s *slab) mark() mark { return mark{s.piece, s.used} }

// rewind takes back what was handed out since a mark.
func (s *slab) rewind(to mark) { s.piece, s.used = to.piece, to.used }
