// Package nexmark_test runs the queries beside it over a small stream of events, and
// computes their answers a second time, in plain loops over the events.
package nexmark_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/processors"
	"parallax/processors/oracle"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/workload"
)

// events is how many there are: 40 persons, 120 auctions, 1,840 bids, some three
// minutes.
const events = 2000

// answer is a row's columns by name.
type answer map[string]any

// auctionEvents are what happened, in order.
type auctionEvents struct {
	persons  []workload.Person
	auctions []workload.Auction
	bids     []workload.Bid
}

func read() (e auctionEvents) {
	g := workload.NewNexmark(workload.Options{Records: events, Seed: 1})
	for event := g.Event(); event != nil; event = g.Event() {
		switch event := event.(type) {
		case *workload.Person:
			e.persons = append(e.persons, *event)
		case *workload.Auction:
			e.auctions = append(e.auctions, *event)
		case *workload.Bid:
			e.bids = append(e.bids, *event)
		}
	}
	return e
}

// answers has for each query its rows, in any order. Where a row of a table changes,
// the last one counts.
var answers = map[string]func(auctionEvents) []answer{
	"q0": func(e auctionEvents) (rows []answer) {
		for _, b := range e.bids {
			rows = append(rows, answer{"AUCTION": b.Auction, "BIDDER": b.Bidder, "PRICE": b.Price, "DATETIME": b.DateTime, "EXTRA": b.Extra})
		}
		return rows
	},
	"q1": func(e auctionEvents) (rows []answer) {
		for _, b := range e.bids {
			rows = append(rows, answer{"AUCTION": b.Auction, "BIDDER": b.Bidder, "PRICE": euros(b.Price), "DATETIME": b.DateTime, "EXTRA": b.Extra})
		}
		return rows
	},
	"q2": func(e auctionEvents) (rows []answer) {
		for _, b := range e.bids {
			if b.Auction%13 == 0 {
				rows = append(rows, answer{"AUCTION": b.Auction, "PRICE": b.Price})
			}
		}
		return rows
	},
	"q3": func(e auctionEvents) (rows []answer) {
		for _, a := range e.auctions {
			for _, p := range e.persons {
				if a.Seller == p.ID && a.Category == 10 && slices.Contains([]string{"OR", "ID", "CA"}, p.State) {
					rows = append(rows, answer{"NAME": p.Name, "CITY": p.City, "STATE": p.State, "ID": a.ID, "SELLER": a.Seller})
				}
			}
		}
		return rows
	},
	"q4": func(e auctionEvents) (rows []answer) {
		sum, n := map[int64]int64{}, map[int64]int64{}
		for _, a := range e.auctions {
			var final int64
			for _, b := range e.bids {
				if b.Auction == a.ID && a.DateTime <= b.DateTime && b.DateTime <= a.Expires {
					final = max(final, b.Price)
				}
			}
			if final > 0 {
				sum[a.Category] += final
				n[a.Category]++
			}
		}
		for category := range n {
			rows = append(rows, answer{"CATEGORY": category, "AVERAGE": float64(sum[category]) / float64(n[category])})
		}
		return rows
	},
	"q7": func(e auctionEvents) (rows []answer) {
		best := map[int64]workload.Bid{}
		for _, b := range e.bids {
			if at, ok := best[tens(b.DateTime)]; !ok || b.Price > at.Price {
				best[tens(b.DateTime)] = b
			}
		}
		for at, b := range best {
			rows = append(rows, answer{"STARTS": at, "HIGHEST": []answer{{"sort_col": b.Price, "col0": b.Auction, "col1": b.Bidder}}})
		}
		return rows
	},
	"q8": func(e auctionEvents) (rows []answer) {
		for _, p := range e.persons {
			if slices.ContainsFunc(e.auctions, func(a workload.Auction) bool { return a.Seller == p.ID && tens(a.DateTime) == tens(p.DateTime) }) {
				rows = append(rows, answer{"ID": p.ID, "NAME": p.Name})
			}
		}
		return rows
	},
	"q11": func(e auctionEvents) (rows []answer) {
		for bidder, bids := range by(e.bids, func(b workload.Bid) int64 { return b.Bidder }) {
			from := 0
			for i := range bids {
				if i+1 < len(bids) && bids[i+1].DateTime-bids[i].DateTime <= 10_000 {
					continue
				}
				rows = append(rows, answer{"BIDDER": bidder, "BIDS": i + 1 - from, "STARTS": bids[from].DateTime, "ENDS": bids[i].DateTime + 10_000})
				from = i + 1
			}
		}
		return rows
	},
	"q12": func(e auctionEvents) (rows []answer) {
		for at, bids := range by(e.bids, func(b workload.Bid) [2]int64 { return [2]int64{b.Bidder, tens(b.DateTime)} }) {
			rows = append(rows, answer{"BIDDER": at[0], "BIDS": len(bids), "STARTS": at[1], "ENDS": at[1] + 10_000})
		}
		return rows
	},
	"q14": func(e auctionEvents) (rows []answer) {
		for _, b := range e.bids {
			if thousandths := 908 * b.Price; thousandths <= 1_000_000_000 || thousandths >= 50_000_000_000 {
				continue
			}
			hour, kind := time.UnixMilli(b.DateTime).UTC().Hour(), "otherTime"
			switch {
			case hour >= 8 && hour <= 18:
				kind = "dayTime"
			case hour <= 6 || hour >= 20:
				kind = "nightTime"
			}
			rows = append(rows, answer{
				"AUCTION": b.Auction, "BIDDER": b.Bidder, "PRICE": euros(b.Price), "BIDTIMETYPE": kind,
				"DATETIME": b.DateTime, "EXTRA": b.Extra, "C_COUNTS": strings.Count(b.Extra, "c"),
			})
		}
		return rows
	},
	"q15": func(e auctionEvents) (rows []answer) {
		for day, bids := range by(e.bids, day) {
			rows = append(rows, answer{
				"DAY": day, "TOTAL_BIDS": len(bids),
				"RANK1_BIDS": len(rank(bids, 1)), "RANK2_BIDS": len(rank(bids, 2)), "RANK3_BIDS": len(rank(bids, 3)),
				"TOTAL_BIDDERS": bidders(bids), "RANK1_BIDDERS": bidders(rank(bids, 1)), "RANK2_BIDDERS": bidders(rank(bids, 2)), "RANK3_BIDDERS": bidders(rank(bids, 3)),
				"TOTAL_AUCTIONS": len(by(bids, auctionOf)),
			})
		}
		return rows
	},
	"q16": func(e auctionEvents) (rows []answer) {
		for at, bids := range by(e.bids, func(b workload.Bid) [2]string { return [2]string{b.Channel, day(b)} }) {
			rows = append(rows, answer{
				"CHANNEL": at[0], "DAY": at[1], "MINUTE": time.UnixMilli(bids[len(bids)-1].DateTime).UTC().Format("15:04"),
				"TOTAL_BIDS": len(bids), "RANK1_BIDS": len(rank(bids, 1)),
				"TOTAL_BIDDERS": bidders(bids), "RANK1_BIDDERS": bidders(rank(bids, 1)), "TOTAL_AUCTIONS": len(by(bids, auctionOf)),
			})
		}
		return rows
	},
	"q17": func(e auctionEvents) (rows []answer) {
		for auction, bids := range by(e.bids, auctionOf) {
			least, most, sum := bids[0].Price, bids[0].Price, int64(0)
			for _, b := range bids {
				least, most, sum = min(least, b.Price), max(most, b.Price), sum+b.Price
			}
			rows = append(rows, answer{
				"AUCTION": auction, "DAY": day(bids[0]), "TOTAL_BIDS": len(bids), "RANK1_BIDS": len(rank(bids, 1)),
				"MIN_PRICE": least, "MAX_PRICE": most, "AVG_PRICE": float64(sum) / float64(len(bids)), "SUM_PRICE": sum,
			})
		}
		return rows
	},
	"q18": func(e auctionEvents) (rows []answer) {
		for at, bids := range by(e.bids, func(b workload.Bid) [2]int64 { return [2]int64{b.Bidder, b.Auction} }) {
			last := bids[len(bids)-1]
			rows = append(rows, answer{"BIDDER": at[0], "AUCTION": at[1], "PRICE": last.Price, "CHANNEL": last.Channel, "DATETIME": last.DateTime})
		}
		return rows
	},
	"q19": func(e auctionEvents) (rows []answer) {
		for auction, bids := range by(e.bids, auctionOf) {
			var prices []int64
			for _, b := range bids {
				prices = append(prices, b.Price)
			}
			slices.Sort(prices)
			slices.Reverse(prices)
			rows = append(rows, answer{"AUCTION": auction, "PRICES": prices[:min(10, len(prices))]})
		}
		return rows
	},
	"q20": func(e auctionEvents) (rows []answer) {
		for _, b := range e.bids {
			for _, a := range e.auctions {
				if a.ID == b.Auction && a.Category == 10 && b.DateTime-30_000 <= a.DateTime && a.DateTime <= b.DateTime {
					rows = append(rows, answer{
						"AUCTION": b.Auction, "BIDDER": b.Bidder, "PRICE": b.Price, "BIDTIME": b.DateTime,
						"ITEMNAME": a.ItemName, "INITIALBID": a.InitialBid, "SELLER": a.Seller,
					})
				}
			}
		}
		return rows
	},
	"q22": func(e auctionEvents) (rows []answer) {
		for _, b := range e.bids {
			path := strings.Split(strings.TrimPrefix(b.URL, "https://www.nexmark.com/"), "/")
			rows = append(rows, answer{
				"AUCTION": b.Auction, "BIDDER": b.Bidder, "PRICE": b.Price, "CHANNEL": b.Channel,
				"DIR1": path[0], "DIR2": path[1], "DIR3": path[2],
			})
		}
		return rows
	},
}

// euros is a price of so many dollars.
func euros(price int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", 908*price/1000, 908*price%1000))
}

// tens is the start of the ten seconds that a time is in.
func tens(at int64) int64 { return at - at%10_000 }

func day(b workload.Bid) string { return time.UnixMilli(b.DateTime).UTC().Format(time.DateOnly) }

func auctionOf(b workload.Bid) int64 { return b.Auction }

func bidders(bids []workload.Bid) int {
	return len(by(bids, func(b workload.Bid) int64 { return b.Bidder }))
}

// rank is those of the prices below 10,000, below a million, or above.
func rank(bids []workload.Bid, n int) (of []workload.Bid) {
	for _, b := range bids {
		r := 3
		if b.Price < 10_000 {
			r = 1
		} else if b.Price < 1_000_000 {
			r = 2
		}
		if r == n {
			of = append(of, b)
		}
	}
	return of
}

func by[K comparable](bids []workload.Bid, key func(workload.Bid) K) map[K][]workload.Bid {
	groups := map[K][]workload.Bid{}
	for _, b := range bids {
		groups[key(b)] = append(groups[key(b)], b)
	}
	return groups
}

func TestQueriesAnswerWhatTheEventsSay(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	e := read()
	ran := 0
	for _, f := range files {
		name, isQuery := strings.CutSuffix(f.Name(), ".sql")
		if !isQuery {
			continue
		}
		t.Run(name, func(t *testing.T) {
			compute, ok := answers[name]
			if !ok {
				t.Fatal("there is no answer")
			}
			want := canonical(t, compute(e))
			if len(want) == 0 {
				t.Fatal("the answer is empty: this shows nothing")
			}
			text, err := os.ReadFile(name + ".sql")
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.Compile(string(text), plan.BuildOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for path, make := range paths {
				got := run(t, p, make)
				if !slices.Equal(got, want) {
					t.Errorf("%s: %d rows, want %d; the first difference: %s", path, len(got), len(want), difference(got, want))
				}
			}
		})
		ran++
	}
	if ran != len(answers) {
		t.Errorf("%d queries, %d answers", ran, len(answers))
	}
}

var paths = map[string]func(*plan.Plan) (processors.Processor, error){
	"v1": func(p *plan.Plan) (processors.Processor, error) { return pipeline.New(p, processors.Options{}) },
	"v2:3": func(p *plan.Plan) (processors.Processor, error) {
		return partitions.New(p, processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3}, processors.Options{}, partitions.Hooks{})
	},
	"oracle": func(p *plan.Plan) (processors.Processor, error) { return oracle.New(p, processors.Options{}) },
}

// run returns the rows of the script's last query, of which each key and window has
// its last where it is a table, as canonical has them.
func run(t *testing.T, p *plan.Plan, make func(*plan.Plan) (processors.Processor, error)) []string {
	t.Helper()
	batches, err := processortest.ReadBatches(p, input(p), 100, true)
	if err != nil {
		t.Fatal(err)
	}
	proc, err := make(p)
	if err != nil {
		t.Fatal(err)
	}
	defer proc.Close()
	last := p.Queries[len(p.Queries)-1]
	lines, err := codec.NewLines(t.Context(), p.Sinks())
	if err != nil {
		t.Fatal(err)
	}
	var rows []answer
	places := map[string]int{}
	for _, b := range batches {
		o, err := proc.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range o.Changes {
			if int(o.Changes[i].Query) != last.Index {
				continue
			}
			var line struct {
				Key, Window json.RawMessage
				Value       answer
			}
			d := json.NewDecoder(strings.NewReader(string(lines.Append(nil, b, &o.Changes[i]))))
			d.UseNumber()
			if err := d.Decode(&line); err != nil {
				t.Fatal(err)
			}
			place := string(line.Key) + string(line.Window)
			if at, known := places[place]; known && last.Sink.Table {
				rows[at] = line.Value
				continue
			}
			places[place] = len(rows)
			rows = append(rows, line.Value)
		}
		o.Release()
	}
	return canonical(t, slices.DeleteFunc(rows, func(a answer) bool { return a == nil }))
}

// input is the events of the topics that a plan reads.
func input(p *plan.Plan) string {
	g := workload.NewNexmark(workload.Options{Records: events, Seed: 1})
	var text []byte
	for rec, ok := g.Next(); ok; rec, ok = g.Next() {
		if slices.ContainsFunc(p.Sources, func(s *row.Source) bool { return s.Topic == rec.Topic }) {
			text = append(codec.AppendRecord(text, &rec, nil), '\n')
		}
	}
	return string(text)
}

// canonical is rows as sorted texts.
func canonical(t *testing.T, rows []answer) []string {
	t.Helper()
	var texts []string
	for _, r := range rows {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	slices.Sort(texts)
	return texts
}

func difference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return "missing " + want[i]
		case i >= len(want):
			return "too many: " + got[i]
		case got[i] != want[i]:
			return got[i] + " instead of " + want[i]
		}
	}
	return "none"
}
