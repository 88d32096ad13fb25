package bench

import (
	"encoding/binary"
	"strconv"
)

// hop is how far the HOPPING scenario's windows of a minute are apart, in ms.
const hop = 10_000

// hopsKept is the number of a symbol's windows that are kept: at least those that can be
// open, and a power of two.
const hopsKept = 16

// floorHops are a symbol's windows, each at the index given by its number, and the symbol's
// encoded name. A window is overwritten when another one needs its place.
type floorHops struct {
	name        uint64
	key, prefix []byte
	windows     [hopsKept]floorHop
}

// floorHop is the totals of a symbol in a window.
type floorHop struct{ start, n, sum, quantity int64 }

// floorHopping is the scenario of HOPPING windows by hand.
func floorHopping(in *Input, _ int, out *output) error {
	const size = 1 << 12
	var slots [size]*floorHops
	symbols := 0
	var t trade
	var key, buf []byte
	watermark := int64(0)
	for _, b := range in.Values {
		if err := t.decode(b); err != nil {
			return err
		}
		watermark = max(watermark, t.at)
		h := mix(t.symbol, 1) % size
		for slots[h] != nil && slots[h].name != t.symbol {
			h = (h + 1) % size
		}
		s := slots[h]
		if s == nil {
			if symbols++; symbols > size/2 {
				return errFloor
			}
			s = &floorHops{name: t.symbol}
			s.key = appendWord(nil, t.symbol)
			s.prefix = append(append([]byte(`{"SYMBOL":"`), s.key...), `","TRADES":`...)
			slots[h] = s
		}
		key = append(key[:0], s.key...)
		last := t.at - t.at%hop
		for start := last - minute + hop; start <= last; start += hop {
			if start+minute+grace <= watermark {
				continue
			}
			w := &s.windows[start/hop%hopsKept]
			if w.start != start {
				if w.start+minute+grace > watermark {
					return errFloor
				}
				*w = floorHop{start: start}
			}
			w.n++
			w.sum += t.cents
			w.quantity += t.quantity
			key = binary.BigEndian.AppendUint64(key[:len(s.key)], uint64(start))
			buf = w.append(append(buf[:0], s.prefix...))
			out.row(key, buf)
		}
	}
	return nil
}

// append appends the part after the name.
func (w *floorHop) append(b []byte) []byte {
	b = strconv.AppendInt(b, w.n, 10)
	b = append(b, `,"AVERAGE":`...)
	b = appendMillionths(b, uint64(average(w.sum, w.n)))
	b = append(b, `,"VOLUME":`...)
	b = strconv.AppendInt(b, w.quantity, 10)
	return append(b, '}')
}
