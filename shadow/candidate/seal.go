package candidate

import (
	"errors"
	"fmt"
	"time"

	"parallax/processors/row"
	"parallax/shadow/sampling"
)

// Both paths read the same batch, and in one process nothing keeps V2 from writing to
// it. So of some batches the checksum is taken before V2 is given them and compared
// when V2 hands over its outcome, and again when the outcome has been compared: a V2
// may write to a batch after it is done with it. All of that is done on V2's goroutines
// and the comparison's, while V1 only reads.

// errWroteToInput is V2 writing to a batch.
var errWroteToInput = errors.New("V2 wrote to its input")

// sealedFirst are the batches of each V2 that are all sampled; of those after them
// sampling.IsChosen chooses.
const sealedFirst = 8

// seal takes the checksum of a batch that V2 is about to be given, if it is sampled.
// V2's time for the batch begins after that.
func (c *Candidate) seal(b *row.Batch) {
	if b.Seq-c.first >= sealedFirst && !sampling.IsChosen(b.Seq) {
		return
	}
	sum := b.Checksum()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seals[b.Seq] = sum
	if !c.state.isOut() {
		c.queue.started[b.Seq] = time.Now()
	}
}

// unseal returns the checksum that a batch had before V2 was given it, 0 where that was
// not taken, and an error if the batch has another one by now.
func (c *Candidate) unseal(b *row.Batch) (sum uint64, err error) {
	c.mu.Lock()
	sum, sealed := c.seals[b.Seq]
	delete(c.seals, b.Seq)
	c.mu.Unlock()
	if !sealed {
		return 0, nil
	}
	return sum, CheckSum(b, sum)
}

// CheckSum returns an error if a batch has another checksum than sum, which it had before
// the candidate was given it.
func CheckSum(b *row.Batch, sum uint64) error {
	if b.Checksum() == sum {
		return nil
	}
	return fmt.Errorf("%w, %s. V1 reads the same memory, so V1's rows of this batch and later ones may be wrong: stop the job, correct V2, and process again from this batch on", errWroteToInput, b.Describe())
}
