package exec

import (
	"fmt"

	"parallax/processors/exec/form"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// Semantics is a number that is raised by each change of the program after which the same
// input gives other rows, or another state, than before: this program would not have come to
// the state in a checkpoint that a program with another number wrote. Raise it when a golden
// file's output or a form in testdata changes. A change of speed, of texts for people or of
// what is refused does not raise it.
const Semantics = 1

// formID is the first byte of an entry's form: which operator wrote it, and, in its lower half,
// the version of that operator's form. It changes with each change of the form.
type formID byte

const (
	aggregationForm formID = 0x11
	sessionForm     formID = 0x21
	overForm        formID = 0x31
	joinForm        formID = 0x41
	tableJoinForm   formID = 0x51
	distinctForm    formID = 0x61
	regroupForm     formID = 0x71
	replacedForm    formID = 0x81
	currentForm     formID = 0x91
	limitForm       formID = 0xa1
	noForm          formID = 0x01
)

var formNames = map[formID]string{
	aggregationForm: "a group", sessionForm: "a session", overForm: "a partition of OVER", joinForm: "a key of a join of streams",
	tableJoinForm: "a key of a join with a table", distinctForm: "a row of DISTINCT", regroupForm: "a group of a table",
	replacedForm: "a table's row", currentForm: "a row that is shown", limitForm: "a LIMIT", noForm: "a stage without state",
}

// NewCodec returns the codec of the state of a stage, whose engine NewStage makes.
func NewCodec(q *plan.Query) (state.Codec, error) {
	op, err := compile(q, Options{})
	if err != nil {
		return nil, err
	}
	return op.codec(q), nil
}

// Codecs returns the codecs of all stages of a plan.
func Codecs(p *plan.Plan) ([]state.Codec, error) {
	var list []state.Codec
	for _, q := range p.Stages {
		c, err := NewCodec(q)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// codec is a state.Codec: what an operator appends and reads of an entry's state, after the
// byte of the form.
type codec struct {
	id     formID
	append func(dst []byte, saved any) []byte
	read   func(r *form.Reader) (saved any)
}

func (c *codec) Append(dst []byte, e state.Entry) []byte {
	return c.append(append(dst, byte(c.id)), e.State)
}

func (c *codec) Read(src []byte) (state.Entry, error) {
	r := form.NewReader(src)
	if id := formID(r.Byte()); r.Err() == nil && id != c.id {
		return state.Entry{}, fmt.Errorf("read the state of %s: byte 0: form %#x, want %#x", formNames[c.id], id, c.id)
	}
	saved := c.read(r)
	if err := r.End(); err != nil {
		return state.Entry{}, fmt.Errorf("read the state of %s: %w", formNames[c.id], err)
	}
	return state.Entry{State: saved}, nil
}

// noCodec returns the codec of an operator without state, which has no entries.
func noCodec() state.Codec {
	return &codec{
		id:     noForm,
		append: func(dst []byte, _ any) []byte { return dst },
		read: func(r *form.Reader) any {
			r.Fail("there is none")
			return nil
		},
	}
}

func typesOf(exprs []plan.Expr) []row.Type {
	types := make([]row.Type, len(exprs))
	for i, e := range exprs {
		types[i] = e.Type()
	}
	return types
}
