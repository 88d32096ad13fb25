package diff

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"parallax/processors/row"
)

// FileResult is what a comparison of two files of output records found.
type FileResult struct {
	Result
	Lines [2]int64
}

// CompareFiles compares two files of output records, a JSON line each. A file
// has one frontier, its end. Numbers keep their text: 1.1 and 1.10 differ in
// type. A line that is no output record is an error that names it.
func CompareFiles(left, right io.Reader, leftName, rightName string, opt Options) (FileResult, error) {
	f := &fileSide{topics: map[string]int{}, columns: map[string]map[string]int{}}
	one, err := f.read(left, leftName)
	if err != nil {
		return FileResult{}, err
	}
	two, err := f.read(right, rightName)
	if err != nil {
		return FileResult{}, err
	}
	records := make([]row.Record, len(f.causes))
	for i, c := range f.causes {
		records[i] = row.Record{TopicPartition: row.TopicPartition{Topic: c.Topic, Partition: c.Partition}, Offset: c.Offset, Watermark: row.NoWatermark}
	}
	batch := row.NewBatch(0, 0, records, nil)
	if err := CheckRules(opt.Rules, f.sinks); err != nil && len(one)+len(two) > 0 {
		return FileResult{}, fmt.Errorf("rules: %w", err)
	}
	opt.Require = min(opt.Require, E1)
	d := New(f.sinks, opt)
	same := bytes.Equal(f.bytes[0], f.bytes[1])
	d.Compare(
		&row.Outcome{Batch: batch, Changes: one, Dispositions: make([]row.Disposition, len(records))},
		&row.Outcome{Batch: batch, Changes: two, Dispositions: make([]row.Disposition, len(records))},
	)
	res := FileResult{Result: d.Result(), Lines: [2]int64{int64(len(one)), int64(len(two))}}
	if len(one)+len(two) == 0 {
		res.LevelHeld = E1 // two empty files say the same
	}
	if same && res.LevelHeld == E1 {
		res.LevelHeld = E0
	}
	return res, nil
}

// fileSide reads both files into changes over the same sinks and causes.
type fileSide struct {
	sinks   []*row.Sink
	topics  map[string]int
	columns map[string]map[string]int // value columns by topic and name
	causes  []Cause
	places  map[Cause]int32
	bytes   [2][]byte
	side    int
}

// outputLine is a line of "records out".
type outputLine struct {
	Topic     *string         `json:"topic"`
	Partition int32           `json:"partition"`
	Key       json.RawMessage `json:"key"`
	Window    *struct {
		Start int64 `json:"start"`
		End   int64 `json:"end"`
	} `json:"window"`
	Value     json.RawMessage `json:"value"`
	Timestamp int64           `json:"timestamp"`
	Cause     *Cause          `json:"cause"`
	Raw       json.RawMessage `json:"raw"`
}

func (f *fileSide) read(in io.Reader, name string) ([]row.Change, error) {
	r := bufio.NewReaderSize(in, 1<<20)
	var changes []row.Change
	ordinals := map[string]uint32{}
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			f.bytes[f.side] = append(append(f.bytes[f.side], text...), '\n')
			c, lerr := f.change(text)
			if lerr != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, n, lerr)
			}
			// Rows of one cause and identity are told apart by their number.
			place := string(appendIdentity(nil, &c)) + fmt.Sprint(c.Position)
			c.Ordinal = ordinals[place]
			ordinals[place]++
			changes = append(changes, c)
		}
		if err != nil {
			f.side++
			return changes, nil
		}
	}
}

func (f *fileSide) change(text []byte) (row.Change, error) {
	var in outputLine
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return row.Change{}, fmt.Errorf("not an output record: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if in.Topic == nil || in.Value == nil {
		return row.Change{}, errors.New("not an output record: it wants topic and value")
	}
	q, ok := f.topics[*in.Topic]
	if !ok {
		q = len(f.sinks)
		f.topics[*in.Topic] = q
		f.columns[*in.Topic] = map[string]int{}
		f.sinks = append(f.sinks, &row.Sink{Topic: *in.Topic, Grace: math.MaxInt64 / 4, AnyPartition: true})
	}
	sink := f.sinks[q]
	c := row.Change{Query: uint16(q), Timestamp: in.Timestamp, Cause: -1, Position: math.MaxInt64}
	if in.Cause != nil {
		c.Cause = f.place(*in.Cause)
		c.Position = int64(c.Cause)
	}
	if in.Window != nil {
		sink.Windowed = true
		c.WindowStart, c.WindowEnd = in.Window.Start, in.Window.End
	}
	keyNames, key, err := object(in.Key)
	if err != nil {
		return c, fmt.Errorf("key: %w", err)
	}
	for i, name := range keyNames {
		if len(sink.Key) <= i {
			sink.Key = append(sink.Key, row.Column{Name: name})
		}
	}
	c.Key = key
	names, values, err := object(in.Value)
	if err != nil {
		return c, fmt.Errorf("value: %w", err)
	}
	if string(in.Value) != "null" {
		c.Values = f.arrange(*in.Topic, sink, names, values)
	}
	return c, nil
}

// place numbers causes in order of first appearance.
func (f *fileSide) place(c Cause) int32 {
	if f.places == nil {
		f.places = map[Cause]int32{}
	}
	i, ok := f.places[c]
	if !ok {
		i = int32(len(f.causes))
		f.places[c] = i
		f.causes = append(f.causes, c)
	}
	return i
}

// arrange puts values by name into the columns of a topic, so that the order of
// fields in a line says nothing.
func (f *fileSide) arrange(topic string, sink *row.Sink, names []string, values []row.Value) []row.Value {
	columns := f.columns[topic]
	out := make([]row.Value, len(sink.Values), len(sink.Values)+len(names))
	for i, name := range names {
		at, ok := columns[name]
		if !ok {
			at = len(sink.Values)
			columns[name] = at
			sink.Values = append(sink.Values, row.Column{Name: name})
		}
		for len(out) <= at {
			out = append(out, row.Value{})
		}
		out[at] = values[i]
	}
	return out
}

// object reads a JSON object's fields in order; null is none.
func object(text json.RawMessage) (names []string, values []row.Value, err error) {
	if text == nil || string(text) == "null" {
		return nil, nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	open, err := d.Token()
	if err != nil || open != json.Delim('{') {
		return nil, nil, errors.New("it is no object of columns")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, nil, err
		}
		names = append(names, name.(string))
		values = append(values, scalar(raw))
	}
	return names, values, nil
}

// scalar types a JSON value: a number is a DECIMAL of the digits that it is
// written with, what is nested is its text.
func scalar(raw json.RawMessage) row.Value {
	switch text := string(raw); {
	case text == "null":
		return row.Value{}
	case text == "true", text == "false":
		return row.NewBoolean(text == "true")
	case text[0] == '"':
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return row.NewString(s)
		}
	case !slices.Contains([]byte("{["), text[0]):
		if v, scale, ok := row.ParseDecimal(text); ok && scale <= row.MaxPrecision && !strings.ContainsAny(text, "eE") {
			return row.NewDecimal(v, scale)
		}
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		return row.NewBytes(raw)
	}
	return row.NewBytes(compact.Bytes())
}
