package main

import (
	"fmt"

	"parallax/shadow/kafka"
)

// checkBrokers refuses --brokers that are no addresses.
func checkBrokers(addresses []string) error {
	for _, a := range addresses {
		if err := kafka.CheckBroker(a); err != nil {
			return fmt.Errorf("--brokers: %w", err)
		}
	}
	return nil
}
