package checkpoint

import (
	"io"

	"parallax/processors/state"
)

// ReadStage calls visit for each entry of one stage of a checkpoint, and returns its error. It
// checks what it reads, as Restore does.
func ReadStage(s Storage, m *Manifest, stage int, codec state.Codec, visit func(state.Entry) error) error {
	return open(s, stage, &m.Stages[stage], func(r io.Reader) error {
		return readStage(r, stage, &m.Stages[stage], codec, visit)
	})
}
