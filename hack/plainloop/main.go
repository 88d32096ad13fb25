// Command plainloop runs the plain loop of package plainloop alone, to compare its speed with
// `parallax run` on the same broker and topic.
//
//	go run ./hack/plainloop -brokers 127.0.0.1:19092 -in market_data -out plain -group plain
//
// Stability: ours.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"parallax/shadow/bench/plainloop"
)

func main() {
	var l plainloop.Loop
	brokers := flag.String("brokers", "127.0.0.1:19092", "brokers, separated by commas")
	flag.StringVar(&l.In, "in", "market_data", "topic to read")
	flag.StringVar(&l.Out, "out", "plain", "topic to write; created with the partitions of -in")
	flag.StringVar(&l.Group, "group", "plain", "consumer group")
	flag.IntVar(&l.Transaction, "transaction", 20_000, "records a transaction")
	flag.Parse()
	l.Brokers = strings.Split(*brokers, ",")
	r, err := l.Run(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "plainloop:", err)
		os.Exit(2)
	}
	fmt.Printf("%d records in %.2fs: %.0f records/s, %d transactions\n", r.Records, r.Took.Seconds(), float64(r.Records)/r.Took.Seconds(), r.Transactions)
}
