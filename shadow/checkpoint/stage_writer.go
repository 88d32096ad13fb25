package checkpoint

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"iter"

	"github.com/klauspost/compress/zstd"

	"parallax/processors/state"
)

// A stage file is a header, and then one zstd stream of entries:
//
//	magic      7 bytes
//	format     1 byte
//	stage      4 bytes, big-endian
//
// An entry is
//
//	length     uvarint, of the form
//	hash       8 bytes, little-endian
//	partition  varint
//	form       what the codec appends
const (
	magic      = "pxstate"
	headerSize = len(magic) + 1 + 4
	// minEntry is the length of an entry whose form is empty.
	minEntry = 1 + 8 + 1
	// page is how much is encoded at a time: no more of the state is copied.
	page = 64 << 10
	// window bounds the memory of encoder and decoder.
	window = 1 << 20
)

func header(stage int) []byte {
	return binary.BigEndian.AppendUint32(append([]byte(magic), Format), uint32(stage))
}

// stageEncoder reads as the file of one stage. It encodes a page when it is asked for more,
// on the goroutine that reads.
type stageEncoder struct {
	ctx   context.Context
	codec state.Codec
	next  func() (state.Entry, bool)
	stop  func()
	zstd  *zstd.Encoder
	out   bytes.Buffer // encoded and not yet read
	page  []byte
	form  []byte
	ended bool
	// digest and bytes are of what was encoded so far.
	digest state.Digest
	bytes  int64
}

func newStageEncoder(ctx context.Context, stage int, entries iter.Seq[state.Entry], codec state.Codec) (*stageEncoder, error) {
	e := &stageEncoder{ctx: ctx, codec: codec}
	var err error
	e.zstd, err = zstd.NewWriter(&e.out, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(window), zstd.WithZeroFrames(true))
	if err != nil {
		return nil, err
	}
	e.out.Write(header(stage))
	e.next, e.stop = iter.Pull(entries)
	return e, nil
}

// close ends the iteration; the file need not have been read to its end.
func (e *stageEncoder) close() { e.stop() }

// Read reads the file.
func (e *stageEncoder) Read(p []byte) (int, error) {
	for e.out.Len() == 0 {
		if e.ended {
			return 0, io.EOF
		}
		if err := e.fill(); err != nil {
			return 0, err
		}
	}
	return e.out.Read(p)
}

// fill encodes the next page.
func (e *stageEncoder) fill() error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	e.page = e.page[:0]
	for len(e.page) < page {
		entry, ok := e.next()
		if !ok {
			e.ended = true
			break
		}
		e.form = e.codec.Append(e.form[:0], entry)
		e.page = binary.AppendUvarint(e.page, uint64(len(e.form)))
		e.page = binary.LittleEndian.AppendUint64(e.page, entry.Hash)
		e.page = binary.AppendVarint(e.page, int64(entry.Partition))
		e.page = append(e.page, e.form...)
		e.digest.Add(e.form)
	}
	e.bytes += int64(len(e.page))
	if _, err := e.zstd.Write(e.page); err != nil {
		return err
	}
	if e.ended {
		return e.zstd.Close()
	}
	return nil
}
