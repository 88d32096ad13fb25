package main

import (
	"fmt"

	"parallax/shadow/kafka/cluster"
)

// checkBrokers refuses --brokers that are no addresses.
func checkBrokers(addresses []string) error {
	for _, a := range addresses {
		if err := cluster.CheckBroker(a); err != nil {
			return fmt.Errorf("--brokers: %w", err)
		}
	}
	return nil
}
