package checkpoint

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parallax/processors/plan"
	"parallax/processors/state"
)

// three are checkpoints of positions 10, 20 and 30 in generation 2.
func three(t *testing.T) (*disk, *Dir) {
	t.Helper()
	d := newDisk()
	w := newWriter(t, d.dir(), Options{Keep: 9})
	for _, position := range []int64{10, 20, 30} {
		mustWrite(t, w, 2, position)
	}
	return d, d.dir()
}

func TestTheNewestWholeCheckpointIsChosen(t *testing.T) {
	for _, c := range []struct {
		name      string
		committed int64
		damage    func(d *disk)
		position  int64
		damaged   []string
	}{
		{name: "the newest", committed: 1000, position: 30},
		{name: "at what is committed", committed: 30, position: 30},
		{name: "not beyond what is committed", committed: 29, position: 20},
		{
			name: "a manifest that is cut", committed: 30, position: 20, damaged: []string{"state/0000000003-g2-p30.json: not a manifest"},
			damage: func(d *disk) { n := d.names["0000000003-g2-p30.json"]; n.data = n.data[:50] },
		},
		{
			name: "a file that is missing, and one that is changed", committed: 30, position: 10,
			damaged: []string{"stage 1: state/0000000003-g2-p30.stage1.zst: open ", "stage 0: state/0000000002-g2-p20.stage0.zst: its SHA-256 is "},
			damage: func(d *disk) {
				delete(d.names, "0000000003-g2-p30.stage1.zst")
				d.names["0000000002-g2-p20.stage0.zst"].data[40] ^= 1
			},
		},
		{
			name: "an empty file", committed: 30, position: 20, damaged: []string{"stage0.zst: it has 0 bytes"},
			damage: func(d *disk) { d.names["0000000003-g2-p30.stage0.zst"].data = nil },
		},
		{
			name: "a file that is too long", committed: 30, position: 20, damaged: []string{"stage0.zst: it is longer than"},
			damage: func(d *disk) {
				n := d.names["0000000003-g2-p30.stage0.zst"]
				n.data = append(n.data, make([]byte, 1<<20)...)
			},
		},
		{
			name: "swapped files", committed: 30, position: 20, damaged: []string{"stage 0: "},
			damage: func(d *disk) {
				a, b := d.names["0000000003-g2-p30.stage0.zst"], d.names["0000000003-g2-p30.stage1.zst"]
				a.data, b.data = b.data, a.data
			},
		},
		{
			name: "a file without a manifest, and other files", committed: 30, position: 30,
			damage: func(d *disk) {
				d.names["0000000009-g2-p29.stage0.zst"] = &inode{}
				d.names["0000000009-g2-p29.json.tmp"] = &inode{}
				d.names["notes.txt"] = &inode{}
			},
		},
	} {
		d, dir := three(t)
		if c.damage != nil {
			c.damage(d)
		}
		got, err := Choose(t.Context(), dir, want(2, c.committed), codecs(2))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.Manifest.Place.Position != c.position || len(got.Damaged) != len(c.damaged) {
			t.Errorf("%s: position %d and %v, want %d and %v", c.name, got.Manifest.Place.Position, got.Damaged, c.position, c.damaged)
			continue
		}
		for i, text := range c.damaged {
			if !strings.Contains(got.Damaged[i].Error(), text) {
				t.Errorf("%s: %v, want %s", c.name, got.Damaged[i], text)
			}
		}
	}
}

func TestWhereThereIsNoCheckpointTheErrorSaysWhatThereIs(t *testing.T) {
	damage := func(d *disk) {
		for name, n := range d.names {
			if strings.HasSuffix(name, ".json") {
				n.data = nil
			}
		}
	}
	for _, c := range []struct {
		name   string
		want   Want
		damage func(d *disk)
		texts  []string
	}{
		{"nothing", want(2, 30), func(d *disk) { clear(d.names) }, []string{"state has no checkpoint", "there are no checkpoints", "--from-start"}},
		{"beyond", want(2, 9), nil, []string{"position 9 of generation 2", "of 3 there, none fits and is whole", "0000000001-g2-p10.json: generation 2, position 10: beyond what was committed"}},
		{"another generation", want(3, 30), nil, []string{"generation 2, position 30: another run from the start"}},
		{"damaged", want(2, 20), damage, []string{"of 3 there", "0000000002-g2-p20.json: it is empty", "beyond what was committed"}},
	} {
		d, dir := three(t)
		if c.damage != nil {
			c.damage(d)
		}
		_, err := Choose(t.Context(), dir, c.want, codecs(2))
		if _, ok := errors.AsType[*NoneError](err); !ok {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, text := range c.texts {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v\nwant %s", c.name, err, text)
			}
		}
	}
}

func TestAForeignCheckpointIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		want Want
		text string
	}{
		"job":         {Want{Job: "k", Task: "all", Generation: 2, Fingerprint: "abc", Position: 30}, "is of job j, task all, and this is job k, task all"},
		"fingerprint": {Want{Job: "j", Task: "all", Generation: 2, Fingerprint: "def", Position: 30}, "written for another query or other settings (its fingerprint is abc, and this job's is def; by parallax 1.2)"},
		"parts": {
			Want{Job: "j", Task: "all", Generation: 2, Fingerprint: "def", Position: 30, Parts: []plan.Part{{Of: "query TOTALS", What: "window", Digest: "1"}}},
			"written for another query or other settings (query TOTALS is new; by parallax 1.2)",
		},
	} {
		_, dir := three(t)
		_, err := Choose(t.Context(), dir, c.want, codecs(2))
		foreign, ok := errors.AsType[*ForeignError](err)
		if !ok || foreign.Manifest.Place.Position != 30 || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAStateThatCannotBeDecodedIsPassedOver, although its files are those of its manifest.
func TestAStateThatCannotBeDecodedIsPassedOver(t *testing.T) {
	_, dir := three(t)
	w := newWriter(t, dir, Options{Keep: 9})
	m := manifestAt(2, 40)
	if err := w.Write(t.Context(), frozen(40, []state.Entry{{State: "\xff"}}, nil), m); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(m); err != nil {
		t.Fatal(err)
	}
	c, err := Choose(t.Context(), dir, want(2, 40), codecs(2))
	if err != nil || c.Manifest.Place.Position != 30 || len(c.Damaged) != 1 || !strings.Contains(c.Damaged[0].Error(), "not a text") {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestTheNewestIsNamedAlsoIfItCannotBeRead(t *testing.T) {
	d, dir := three(t)
	d.names["0000000003-g2-p30.json"].data = nil
	if id, err := Newest(dir); err != nil || id == nil || *id != (ID{Number: 3, Generation: 2, Position: 30}) {
		t.Errorf("%v, %v", id, err)
	}
	clear(d.names)
	if id, err := Newest(dir); id != nil || err != nil {
		t.Errorf("of an empty directory: %v, %v", id, err)
	}
}

// TestANewerFormatIsRefused, and is not passed over like a damaged one: an older checkpoint
// would be taken without a word.
func TestANewerFormatIsRefused(t *testing.T) {
	d, dir := three(t)
	e := envelope{Format: Format + 1, Manifest: []byte(`{"new":true}`)}
	e.SHA256 = e.sum()
	d.names["0000000003-g2-p30.json"].data = e.bytes(t)
	_, err := Choose(t.Context(), dir, want(2, 30), codecs(2))
	if newer, ok := errors.AsType[*FormatError](err); !ok || newer.Format != 3 || !strings.Contains(err.Error(), "state/0000000003-g2-p30.json") {
		t.Errorf("%v", err)
	}
	if c, err := Choose(t.Context(), dir, want(2, 29), codecs(2)); err != nil || c.Manifest.Place.Position != 20 {
		t.Errorf("at an earlier position: %v, %v", c, err)
	}
	// Its files are a newer version's, and stay.
	newWriter(t, dir, Options{})
	if got := names(t, dir); len(got) != 9 {
		t.Errorf("after the next start there are %v", got)
	}
}

func TestAListSaysOfEachWhetherItIsWhole(t *testing.T) {
	d, dir := three(t)
	d.names["0000000002-g2-p20.stage0.zst"].data[40] ^= 1
	d.names["0000000001-g2-p10.json"].data = nil
	found, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprint(f.ID, f.Manifest != nil, f.Err == nil))
	}
	want := []string{"0000000003-g2-p30 true true", "0000000002-g2-p20 true false", "0000000001-g2-p10 false false"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}
