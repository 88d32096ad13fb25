package emission

import (
	"sync/atomic"
	"time"

	"parallax/processors/row"
	"parallax/shadow/stage"
)

// Parcel is a batch that V1 has processed, on its way to be emitted.
type Parcel struct {
	Batch *row.Batch
	// Rows and Dead are V1's.
	Rows []row.Change
	Dead []row.DeadLetter
	// Done is when V1 had finished the batch, Bytes what it holds while it waits.
	Done  time.Time
	Bytes int64

	// stage is the stage that it is emitted in, and latches how often the emitter had gone back
	// when it was sent: one that was sent before the last time is emitted as V1 made it.
	stage   stage.Stage
	latches int
	// isJudged says that it was compared, or will not be; rows are then what is emitted of it, of
	// which ofV2 are V2's. The emitter's mutex guards the three.
	isJudged bool
	rows     []row.Change
	ofV2     int64

	isEmitted atomic.Bool
}

// Stage returns the stage that the batch is emitted in.
func (p *Parcel) Stage() stage.Stage { return p.stage }

// IsEmitted reports whether it was emitted, so that nothing reads its rows any more.
func (p *Parcel) IsEmitted() bool { return p.isEmitted.Load() }
