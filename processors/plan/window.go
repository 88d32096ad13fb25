package plan

import (
	"strings"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// defaultRetention is how long a window stays open if the query states no grace.
const defaultRetention = 24 * 60 * 60 * 1000

// maxHops bounds how many windows a record is in.
const maxHops = 50_000

func (b *builder) window(agg *Aggregation, w *sql.Window, sc *scope) error {
	if c := w.Column; c != nil {
		// Velostream repeats the time column in the window clause. It must be the source's
		// event time.
		e, err := sc.bind(c)
		if err != nil {
			return err
		}
		if sc.streams() > 1 {
			return b.errorf(c.Pos(), "windows over a join use the largest event time of the joined rows, and %s belongs to one side", c.Name.Text).
				WithHint("leave the column out")
		}
		if !sc.isEventTime(e, 0) {
			return b.errorf(c.Pos(), "windows use the source's event time, which is not %s", c.Name.Text).
				WithHint("declare %s WITH (..., timestamp='%s')", sc.first().Name, strings.ToLower(c.Name.Text))
		}
	}
	agg.Window = &Window{Size: w.Size, Grace: w.Grace}
	switch w.Kind {
	case "TUMBLING":
		agg.Window.Kind, agg.Window.Advance = Tumbling, w.Size
	case "SESSION":
		agg.Window.Kind = Session
	default: // HOPPING, and SLIDING, which is another word for it
		if w.Advance > w.Size {
			return b.errorf(w.At, "windows of %v every %v would leave gaps between them", ms(w.Size), ms(w.Advance)).
				WithHint("ADVANCE BY at most the SIZE")
		}
		if w.Size/w.Advance > maxHops {
			return b.errorf(w.At, "each record would be in %d windows of %v every %v: at most %d are possible", w.Size/w.Advance, ms(w.Size), ms(w.Advance), maxHops).
				WithHint("make ADVANCE BY longer, or SIZE shorter")
		}
		agg.Window.Kind, agg.Window.Advance = Hopping, w.Advance
	}
	if w.Grace < 0 {
		agg.Window.Grace = 0
		if agg.Emit == EmitChanges {
			agg.Window.Grace = max(0, defaultRetention-w.Size)
		}
	}
	return nil
}

// Settled returns an end, in ms: at a watermark, windows that end there or earlier accept
// no more records.
func (w *Window) Settled(watermark int64) int64 {
	end := row.AddTime(watermark, -w.Grace)
	if w.Kind == Session {
		end = row.AddTime(end, -1) // a session still accepts a record at end + Grace
	}
	return end
}

// text describes a window in messages.
func (w *Window) text() string { return w.shape() + ", grace " + ms(w.Grace).String() }

// shape describes the windows without their grace.
func (w *Window) shape() string {
	switch w.Kind {
	case Hopping:
		return "HOPPING, size " + ms(w.Size).String() + ", advance " + ms(w.Advance).String()
	case Session:
		return "SESSION, gap " + ms(w.Size).String()
	}
	return "TUMBLING, size " + ms(w.Size).String()
}
