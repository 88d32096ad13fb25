package config

import (
	"errors"
	"fmt"
)

// namedMost is the largest number of listed problems of one kind.
const namedMost = 20

// problems collects the problems of a job file. The first namedMost are kept, further ones
// counted. The zero value is empty.
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

// err returns an error with one line for each problem, nil if there are none.
func (p *problems) err() error {
	list := p.first
	if p.more > 0 {
		list = append(list[:len(list):len(list)], fmt.Errorf("and %d more; correct these first", p.more))
	}
	return errors.Join(list...)
}
