package workload

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"parallax/processors/row"
)

// Person, Auction and Bid are the events of Nexmark (Tucker et al., "NEXMark: A
// Benchmark for Queries over Data Streams", 2002), as its SQL versions name their
// fields. Times are event times in ms.
type (
	// Person sells and bids.
	Person struct {
		ID         int64  `json:"id"`
		Name       string `json:"name"`
		Email      string `json:"emailAddress"`
		CreditCard string `json:"creditCard"`
		City       string `json:"city"`
		State      string `json:"state"`
		DateTime   int64  `json:"dateTime"`
		Extra      string `json:"extra"`
	}
	// Auction is an item that a Person sells.
	Auction struct {
		ID          int64  `json:"id"`
		ItemName    string `json:"itemName"`
		Description string `json:"description"`
		InitialBid  int64  `json:"initialBid"`
		Reserve     int64  `json:"reserve"`
		DateTime    int64  `json:"dateTime"`
		Expires     int64  `json:"expires"`
		Seller      int64  `json:"seller"`
		Category    int64  `json:"category"`
		Extra       string `json:"extra"`
	}
	// Bid is a Person's for an Auction.
	Bid struct {
		Auction  int64  `json:"auction"`
		Bidder   int64  `json:"bidder"`
		Price    int64  `json:"price"`
		Channel  string `json:"channel"`
		URL      string `json:"url"`
		DateTime int64  `json:"dateTime"`
		Extra    string `json:"extra"`
	}
)

// The numbers of the first person and auction.
const firstID = 1000

// Of 50 events one is a Person, three are Auctions, the rest Bids.
const (
	turnEvents   = 50
	turnPersons  = 1
	turnAuctions = 3
)

// Between two events there are 20 ms to 179 ms: a window of ten seconds has about a
// hundred.
const (
	leastGap = 20
	someGap  = 160
)

// Nexmark streams events in the order of their times. It is not safe for
// concurrent use.
type Nexmark struct {
	rng               *rand.Rand
	n, limit          int
	at                int64
	persons, auctions int64
	open              map[int64]int64 // initial bid of the auctions so far
	partitions        int
	offsets           map[string]int64
}

// NewNexmark returns a stream with the given number of events.
func NewNexmark(opt Options) *Nexmark {
	return &Nexmark{
		rng: rand.New(rand.NewPCG(opt.Seed, 3)), limit: opt.Records, at: Epoch,
		open: map[int64]int64{}, partitions: max(opt.Partitions, 1), offsets: map[string]int64{},
	}
}

// Event returns the next event: a *Person, *Auction or *Bid; nil at the end.
func (g *Nexmark) Event() any {
	if g.n == g.limit {
		return nil
	}
	turn := g.n % turnEvents
	g.n++
	g.at += leastGap + g.rng.Int64N(someGap)
	switch {
	case turn < turnPersons:
		return g.person()
	case turn < turnPersons+turnAuctions:
		return g.auction()
	default:
		return g.bid()
	}
}

// Next returns the next event as a record of the topic person, auction or bid, in the
// topic-partition by the person's, the auction's or the bid's auction's number;
// false at the end. Records have no key. Offsets count up from 0 in each
// topic-partition.
func (g *Nexmark) Next() (row.Record, bool) {
	topic, key, at := "", int64(0), int64(0)
	event := g.Event()
	switch e := event.(type) {
	case nil:
		return row.Record{}, false
	case *Person:
		topic, key, at = "person", e.ID, e.DateTime
	case *Auction:
		topic, key, at = "auction", e.ID, e.DateTime
	case *Bid:
		topic, key, at = "bid", e.Auction, e.DateTime
	}
	value, err := json.Marshal(event)
	if err != nil {
		panic(fmt.Sprintf("nexmark: %v", err)) // numbers and texts always marshal
	}
	partition := int32(key % int64(g.partitions))
	place := topic + "/" + strconv.Itoa(int(partition))
	g.offsets[place]++
	return row.Record{
		TopicPartition: row.TopicPartition{Topic: topic, Partition: partition},
		Offset:         g.offsets[place] - 1, Timestamp: at,
		Value: value,
	}, true
}

var (
	firstNames = []string{"Ada", "Blaise", "Edsger", "Grace", "Hedy", "Kurt", "Niklaus", "Sophie", "Tony", "Vint"}
	lastNames  = []string{"Abel", "Boole", "Cantor", "Euler", "Fermat", "Gauss", "Hilbert", "Noether"}
	places     = [][2]string{
		{"Phoenix", "AZ"},
		{"Los Angeles", "CA"},
		{"San Francisco", "CA"},
		{"Boise", "ID"},
		{"Portland", "OR"},
		{"Bend", "OR"},
		{"Redmond", "WA"},
		{"Seattle", "WA"},
		{"Cheyenne", "WY"},
	}
	channels = []string{"Google", "Facebook", "Baidu", "Apple"}
)

func (g *Nexmark) person() *Person {
	first, last := pick(g.rng, firstNames), pick(g.rng, lastNames)
	place := pick(g.rng, places)
	card := make([]string, 4)
	for i := range card {
		card[i] = fmt.Sprintf("%04d", g.rng.IntN(10_000))
	}
	p := &Person{
		ID: firstID + g.persons, Name: first + " " + last, Email: strings.ToLower(first + "." + last + "@example.com"),
		CreditCard: strings.Join(card, " "), City: place[0], State: place[1], DateTime: g.at, Extra: g.extra(8),
	}
	g.persons++
	return p
}

// someone returns an existing person, in half of the cases one of the last four.
func (g *Nexmark) someone() int64 {
	if g.rng.IntN(2) == 0 {
		return firstID + g.persons - 1 - g.rng.Int64N(min(g.persons, 4))
	}
	return firstID + g.rng.Int64N(g.persons)
}

func (g *Nexmark) auction() *Auction {
	a := &Auction{
		ID: firstID + g.auctions, ItemName: "item " + g.extra(6), Description: g.extra(20),
		InitialBid: g.price(), DateTime: g.at, Expires: g.at + 2_000 + g.rng.Int64N(28_000),
		Seller: g.someone(), Category: 10 + g.rng.Int64N(5), Extra: g.extra(10),
	}
	a.Reserve = a.InitialBid + g.price()
	g.open[a.ID] = a.InitialBid
	g.auctions++
	return a
}

// bid makes a bid, in two cases of three for one of the last three auctions.
func (g *Nexmark) bid() *Bid {
	auction := firstID + g.rng.Int64N(g.auctions)
	if g.rng.IntN(3) > 0 {
		auction = firstID + g.auctions - 1 - g.rng.Int64N(min(g.auctions, turnAuctions))
	}
	channel := pick(g.rng, channels)
	if g.rng.IntN(4) == 0 {
		channel = fmt.Sprintf("channel-%d", g.rng.IntN(100))
	}
	return &Bid{
		Auction: auction, Bidder: g.someone(), Price: g.open[auction] + g.price(), Channel: channel,
		URL:      fmt.Sprintf("https://www.nexmark.com/%s/%s/%s/item.htm?query=1&channel_id=%d", g.extra(3), g.extra(4), g.extra(5), g.rng.IntN(1000)),
		DateTime: g.at, Extra: g.extra(12),
	}
}

// price is 1 to about 10 million; each power of ten is equally frequent.
func (g *Nexmark) price() int64 {
	n := int64(10)
	for range g.rng.IntN(7) {
		n *= 10
	}
	return 1 + g.rng.Int64N(n)
}

func (g *Nexmark) extra(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + g.rng.IntN(26))
	}
	return string(b)
}

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }
