package exec

import "parallax/processors/row"

// slab hands out slices of values from one piece after another.
type slab struct {
	pieces [][]row.Value
	used   int // values handed out, of all pieces
}

// slabSize is how many values a piece has: 64 KB.
const slabSize = 2048

func (s *slab) take(n int) []row.Value {
	for {
		piece, at := s.used/slabSize, s.used%slabSize
		if n > slabSize {
			return make([]row.Value, n)
		}
		if at+n > slabSize {
			s.used += slabSize - at
			continue
		}
		if piece == len(s.pieces) {
			s.pieces = append(s.pieces, make([]row.Value, slabSize))
		}
		s.used += n
		return s.pieces[piece][at : at+n : at+n]
	}
}
