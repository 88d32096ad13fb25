package config

import (
	"errors"
	"fmt"
)

// namedMost is how many problems of one kind are named.
const namedMost = 20

// problems are what is wrong with a job file. The first namedMost are kept, the others
// counted. The zero value has none.
type problems struct {
	first []error
	more  int
}

func (p *problems) add(err error) {
	switch {
	case err == nil:
	case len(p.first) < namedMost:
		p.first = append(p.first, err)
	default:
		p.more++
	}
}

// err is an error a line, nil for none.
func (p *problems) err() error {
	list := p.first
	if p.more > 0 {
		list = append(list[:len(list):len(list)], fmt.Errorf("and %d more; correct these first", p.more))
	}
	return errors.Join(list...)
}
