package job

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"parallax/shadow"
	"parallax/shadow/stage"
)

// A run that ends before it has recorded its stage, such as one whose topic-partitions another
// instance still has, is followed by one that records it: that is no error.
func TestOnlyAStageThatNoLaterRunRecordsIsAnError(t *testing.T) {
	for _, c := range []struct {
		err     error
		isError bool
	}{
		{fmt.Errorf("%w: %w", shadow.ErrStageNotReached, shadow.ErrRunHasEnded), false},
		{errors.New("commit: the producer was fenced"), false},
		{fmt.Errorf("%w: %w", shadow.ErrStageNotReached, shadow.ErrStageSuperseded), false},
		{fmt.Errorf("%w: the output does not store changes of stage", shadow.ErrStageNotReached), true},
	} {
		var log bytes.Buffer
		j := &Job{Log: slog.New(slog.NewTextHandler(&log, nil))}
		j.recordStage(t.Context(), &fakeRunner{err: c.err}, stage.Status{}, &stage.Change{Why: "V2 has another number of partitions"})()
		if strings.Contains(log.String(), "level=ERROR") != c.isError || errors.Is(c.err, shadow.ErrStageSuperseded) && log.Len() > 0 {
			t.Errorf("%v: the log is %s", c.err, log.String())
		}
	}
}
