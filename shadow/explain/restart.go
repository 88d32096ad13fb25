package explain

import (
	"errors"
	"fmt"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/pipeline"
	"parallax/processors/state"
	"parallax/shadow/guard"
	"parallax/shadow/states"
)

// errNoState is that a V2 cannot give its state away.
var errNoState = errors.New("V2 does not let its state be copied")

// restart replaces V2 by a new one with the same state, read from the bytes that a
// checkpoint would have.
func (c *candidate) restart() error {
	old, ok := c.v2.(processors.Snapshotter)
	if !ok {
		return errNoState
	}
	s, err := old.Snapshot()
	if err != nil {
		return fmt.Errorf("copy V2's state: %w", err)
	}
	codecs, err := exec.Codecs(c.plan)
	if err != nil {
		return err
	}
	for i, entries := range s.Queries {
		for k, e := range entries {
			read, err := codecs[i].Read(codecs[i].Append(nil, e))
			if err != nil {
				return fmt.Errorf("read V2's state back: %w", err)
			}
			read.Hash, read.Partition = e.Hash, e.Partition
			entries[k] = read
		}
	}
	c.close()
	if err := c.start(); err != nil {
		return err
	}
	return processors.Restore(c.v2, s)
}

// compareStates compares V2's state with V1's after a batch.
func (c *candidate) compareStates(d *diff.Differ, v1 *pipeline.V1, batch int64) error {
	if _, ok := c.v2.(processors.Snapshotter); !ok {
		return nil
	}
	stages, err := states.Of(c.plan)
	if err != nil {
		return err
	}
	one, err := v1.Snapshot()
	if err != nil {
		return err
	}
	var two *state.Snapshot
	failed := guard.Call(func() (err error) {
		two, err = c.v2.(processors.Snapshotter).Snapshot()
		return err
	})
	if failed != nil || len(two.Queries) != len(one.Queries) {
		return nil // a V2 whose state cannot be read shows nothing here
	}
	for i := range stages {
		entries := func(s *state.Snapshot) states.Entries {
			return func(visit func(state.Entry) error) error {
				for _, e := range s.Queries[i] {
					if err := visit(e); err != nil {
						return err
					}
				}
				return nil
			}
		}
		keys, n, err := states.FirstKeys(entries(one), entries(two), &stages[i], nil)
		if err != nil {
			return err
		}
		if n > 0 {
			d.StateDiffers(batch, stages[i].Topic, true, diff.StateDifference{Stage: stages[i].Name, Position: one.Position, Entries: n, Keys: keys})
		}
	}
	return nil
}
