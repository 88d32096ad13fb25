package limits

import "sync"

// Sizes are the limits of the topics that the job writes to. It is safe for concurrent
// use: the client reads it on its own goroutines.
type Sizes struct {
	mu sync.Mutex
	of map[string]Size
	// learnt are the limits, in bytes, of topics that refused less than their settings allow.
	learnt map[string]int
}

// NewSizes returns the limits of no topic.
func NewSizes() *Sizes { return &Sizes{of: map[string]Size{}, learnt: map[string]int{}} }

// Lower records that a topic accepts no more than a number of bytes. A larger limit that is set later
// does not change that.
func (l *Sizes) Lower(topic string, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.learnt[topic] = bytes
}

// Set records the limit in a topic's settings.
func (l *Sizes) Set(topic string, to Size) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to.Bytes = min(to.Bytes, largestRequest)
	l.of[topic] = to
}

// At returns the limit of a topic.
func (l *Sizes) At(topic string) Size {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.of[topic]
	if !ok {
		found = UnknownSize
	}
	if n, ok := l.learnt[topic]; ok {
		found.Bytes = min(found.Bytes, n)
	}
	return found
}

// BatchMax returns the client's limit of a topic: the client counts the size of a batch before it is
// compressed.
func (l *Sizes) BatchMax(topic string) int32 {
	at := l.At(topic)
	if at.LettersOnly && at.KeepsCompression {
		return max(largestLetter, int32(at.Bytes)) + clientOverhead
	}
	return int32(min(max(at.Bytes+clientOverhead, leastBatch), MostBatch))
}
