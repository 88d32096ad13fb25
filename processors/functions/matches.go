package functions

import (
	"io"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// pattern is a compiled regular expression that finds all matches in a text in a bounded number
// of steps: what is read of the text, times the instructions of the pattern. A search takes that
// at most, but package regexp cannot be stopped, and the searches for all matches may each read
// the text to its end, as those for `a.*c|b` in "ababab" do.
type pattern struct {
	*regexp.Regexp
	text         string
	instructions int
	// behind matches one character and then, as its first group, the first match of the
	// pattern behind it. It is made when it is needed first.
	behind *regexp.Regexp
}

const (
	// freeSteps is how many steps the searches in a text may take at most, as if each read the
	// text to its end, for what they really read not to be counted. In lambdas there may be many texts.
	freeSteps         = 1 << 24
	freeStepsInLambda = 1 << 14
	// freeRounds is how many searches to the end of a text may be made beyond that.
	freeRounds = 2
	// maxSearchSteps and maxRounds are the same for steps that are counted as they are made:
	// the larger of the two is allowed.
	maxSearchSteps = 1 << 23
	maxRounds      = 4
	// freeRunes is how much of a text each search may read beside its match: the
	// character before, and two behind.
	freeRunes = 4
)

func compilePattern(text string) (*pattern, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	return &pattern{Regexp: re, text: text, instructions: instructionsOf(text)}, nil
}

// instructionsOf is how many instructions a pattern is compiled to.
func instructionsOf(pattern string) int {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0
	}
	return len(prog.Inst)
}

// steps is how many steps one search takes at most in a text of n bytes.
func (p *pattern) steps(n int) int64 { return int64(n) * int64(p.instructions) }

// worst is how many steps the searches for all matches take at most in a text of n bytes.
func (p *pattern) worst(n int) int64 { return p.steps(n) * int64(n+1) }

// isCheap reports whether all matches in a text may be searched for without counting steps.
func (p *pattern) isCheap(b *Budget, s string) bool {
	limit := int64(freeSteps)
	if b.InLambda() {
		limit = freeStepsInLambda
	}
	const longest = 1 << 20 // beyond, the product may not fit
	return len(s) < longest && p.worst(len(s)) <= limit
}

// each visits all matches in a text, the places as Regexp.FindStringSubmatchIndex has them. They are
// those that Regexp.FindAllStringSubmatchIndex finds. It returns ErrSteps where they take too many
// steps, or the error of a visit, which ends it.
func (p *pattern) each(b *Budget, s string, visit func(at []int) error) error {
	most := -1
	if !p.isCheap(b, s) {
		limit := int64(freeSteps)
		if b.InLambda() {
			limit = freeStepsInLambda
		}
		most = freeRounds + int(limit/max(p.steps(len(s)), 1))
	}
	matches := p.FindAllStringSubmatchIndex(s, most)
	for _, at := range matches {
		if err := visit(at); err != nil {
			return err
		}
	}
	if err := b.Steps(p.steps(len(s)) * int64(len(matches)+1)); err != nil || most < 0 || len(matches) < most {
		return err
	}
	last := matches[most-1][1]
	return p.eachFrom(b, s, last, visit)
}

// eachFrom visits the matches that follow one that ends at from. What is read of the text is counted.
func (p *pattern) eachFrom(b *Budget, s string, from int, visit func(at []int) error) error {
	left := max(maxSearchSteps, maxRounds*p.steps(len(s)))
	end := from // of the match before
	for pos := from; pos <= len(s); {
		read := runeReader{left: left/int64(max(p.instructions, 1)) + freeRunes}
		at, err := p.next(s, pos, &read)
		if err != nil {
			return err
		}
		steps := int64(max(read.runes-freeRunes, 0)) * int64(p.instructions)
		left -= steps
		if err := b.Steps(steps); err != nil {
			return err
		}
		if read.isStopped {
			return ErrSteps
		}
		if at == nil {
			return nil
		}
		isAccepted := true
		if at[1] == pos { // an empty match
			isAccepted = at[0] != end // not right behind another one
			_, width := utf8.DecodeRuneInString(s[pos:])
			pos += max(width, 1)
		} else {
			pos = at[1]
		}
		end = at[1]
		if isAccepted {
			if err := visit(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// next finds the first match that begins at pos or behind it; nil where there is none. What the pattern
// sees before pos is the character there, for \b and (?m:^), and that there is one, for ^.
func (p *pattern) next(s string, pos int, read *runeReader) (at []int, err error) {
	if pos == 0 {
		read.text = s
		return p.FindReaderSubmatchIndex(read), nil
	}
	if p.behind == nil {
		text := p.text
		if strings.Contains(text, `\Q`) { // which may quote all that follows
			tree, err := syntax.Parse(text, syntax.Perl)
			if err != nil {
				return nil, ErrArgument
			}
			text = tree.String()
		}
		if p.behind, err = regexp.Compile(`\A(?s:.)(?s:.*?)(` + text + `)`); err != nil {
			return nil, ErrArgument
		}
	}
	_, width := utf8.DecodeLastRuneInString(s[:pos])
	first := pos - width
	read.text = s[first:]
	if at = p.behind.FindReaderSubmatchIndex(read); at == nil {
		return nil, nil
	}
	at = at[2:] // the group is the pattern's match
	for i := range at {
		if at[i] >= 0 {
			at[i] += first
		}
	}
	return at, nil
}

// runeReader reads a text and counts what is read. It stops when it may read no more.
type runeReader struct {
	text      string
	runes     int
	left      int64
	isStopped bool
}

// ReadRune returns the next character.
func (r *runeReader) ReadRune() (c rune, size int, err error) {
	if r.text == "" {
		return 0, 0, io.EOF
	}
	if r.left--; r.left < 0 {
		r.isStopped = true
		return 0, 0, io.EOF
	}
	r.runes++
	c, size = utf8.DecodeRuneInString(r.text)
	r.text = r.text[size:]
	return c, size, nil
}
