package checkpoint

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"

	"github.com/klauspost/compress/zstd"

	"parallax/processors/state"
)

// readStage reads the file of a stage that m describes and calls visit for each entry. The
// file may hold anything: no more memory is taken than the file's content needs, and an
// error says at which entry and byte of the uncompressed entries it is.
func readStage(r io.Reader, stage int, f *StageFile, codec state.Codec, visit func(state.Entry) error) error {
	c := newChecked(r, f)
	if err := readHeader(c, stage); err != nil {
		return err
	}
	z, err := zstd.NewReader(c, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
	if err != nil {
		return err
	}
	defer z.Close()
	d := stageDecoder{r: bufio.NewReaderSize(z, page), left: f.Bytes}
	for i := range f.Entries {
		at := f.Bytes - d.left
		entry, err := d.entry(codec)
		if err == nil {
			err = visit(entry)
		}
		if err != nil {
			return fmt.Errorf("entry %d at byte %d: %w", i, at, err)
		}
	}
	if d.left != 0 {
		return fmt.Errorf("its %d entries end at byte %d, and the manifest says %d", f.Entries, f.Bytes-d.left, f.Bytes)
	}
	switch _, err := d.r.ReadByte(); {
	case err == nil:
		return fmt.Errorf("there is more after its last entry, at byte %d", f.Bytes)
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("after its last entry, at byte %d: %w", f.Bytes, err)
	}
	if !d.digest.Equal(f.Digest) {
		return fmt.Errorf("the digest of its entries is %v, and the manifest says %v", d.digest, f.Digest)
	}
	return c.check()
}

func readHeader(r io.Reader, stage int) error {
	h := make([]byte, headerSize)
	if n, err := io.ReadFull(r, h); err != nil {
		if n == 0 && errors.Is(err, io.EOF) {
			return errors.New("it is empty")
		}
		return fmt.Errorf("at byte %d of its header: %w", n, unexpected(err))
	}
	if string(h[:len(magic)]) != magic {
		return fmt.Errorf("not a stage file: it begins with %q", h[:len(magic)])
	}
	switch format := int(h[len(magic)]); {
	case format > Format:
		return &FormatError{format}
	case format < 1:
		return fmt.Errorf("there is no format %d", format)
	}
	if at := binary.BigEndian.Uint32(h[len(magic)+1:]); int64(at) != int64(stage) {
		return fmt.Errorf("it is the file of stage %d", at)
	}
	return nil
}

// unexpected is an end of input where there must be more.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// stageDecoder reads entries.
type stageDecoder struct {
	r    *bufio.Reader
	left int64 // bytes that there are still to be
	form []byte
	// digest is the digest of the entries so far.
	digest state.Digest
}

func (d *stageDecoder) entry(codec state.Codec) (state.Entry, error) {
	length, err := binary.ReadUvarint(d)
	if err != nil {
		return state.Entry{}, fmt.Errorf("its length: %w", unexpected(err))
	}
	var h [8]byte
	for i := range h {
		if h[i], err = d.ReadByte(); err != nil {
			return state.Entry{}, fmt.Errorf("its hash: %w", unexpected(err))
		}
	}
	partition, err := binary.ReadVarint(d)
	switch {
	case err != nil:
		return state.Entry{}, fmt.Errorf("its partition: %w", unexpected(err))
	case partition < math.MinInt32 || partition > math.MaxInt32:
		return state.Entry{}, fmt.Errorf("there is no partition %d", partition)
	case length > uint64(d.left):
		return state.Entry{}, fmt.Errorf("its length is %d, and %d bytes are left", length, d.left)
	}
	if err := d.read(int64(length)); err != nil {
		return state.Entry{}, err
	}
	d.digest.Add(d.form)
	e, err := codec.Read(d.form)
	e.Hash, e.Partition = binary.LittleEndian.Uint64(h[:]), int32(partition)
	return e, err
}

// ReadByte reads one byte of those that are left.
func (d *stageDecoder) ReadByte() (byte, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	b, err := d.r.ReadByte()
	if err == nil {
		d.left--
	}
	return b, err
}

// read reads a form. It takes memory as the bytes come: length may be a lie.
func (d *stageDecoder) read(length int64) error {
	d.form = d.form[:0]
	for step := int64(page); int64(len(d.form)) < length; step *= 2 {
		have := len(d.form)
		n := int(min(length-int64(have), step))
		if cap(d.form)-have < n {
			d.form = append(make([]byte, 0, have+n), d.form...)
		}
		d.form = d.form[:have+n]
		if got, err := io.ReadFull(d.r, d.form[have:]); err != nil {
			return fmt.Errorf("after %d of its %d bytes: %w", have+got, length, unexpected(err))
		}
	}
	d.left -= length
	return nil
}

// checked reads a file and holds it against its manifest.
type checked struct {
	r    io.Reader
	f    *StageFile
	hash hash.Hash
	size int64
}

func newChecked(r io.Reader, f *StageFile) *checked {
	return &checked{r: r, f: f, hash: sha256.New()}
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.hash.Write(p[:n])
	if c.size += int64(n); c.size > c.f.Size {
		return 0, fmt.Errorf("it is longer than the %d bytes that the manifest says", c.f.Size)
	}
	return n, err
}

// check says whether the file, which was read to its end, is the manifest's.
func (c *checked) check() error {
	if c.size != c.f.Size {
		return fmt.Errorf("it has %d bytes, and the manifest says %d: it is cut short", c.size, c.f.Size)
	}
	if sum := hex.EncodeToString(c.hash.Sum(nil)); sum != c.f.SHA256 {
		return fmt.Errorf("its SHA-256 is %s, and the manifest says %s: it was changed or damaged", sum, c.f.SHA256)
	}
	return nil
}
