package config

import (
	"fmt"
	"os"
	"reflect"

	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"

	"parallax/shadow/kafka"
)

// kafkaFile is a file with the security options of a job file's section kafka.
type kafkaFile struct {
	Kafka struct {
		TLS  kafka.TLSConfig  `koanf:"tls"`
		SASL kafka.SASLConfig `koanf:"sasl"`
	} `koanf:"kafka"`
}

// LoadKafka reads a file with the one key kafka, whose section has tls and sasl as a job
// file's has, and returns them for the given brokers.
func LoadKafka(path string, brokers []string) (kafka.Config, error) {
	cfg := kafka.DefaultConfig()
	cfg.Brokers = brokers
	if path == "" {
		return cfg, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return cfg, err
	}
	places, err := locate(path, text)
	if err != nil {
		return cfg, err
	}
	if err := places.refuseUnknown(knownKeys(reflect.TypeFor[kafkaFile](), "")); err != nil {
		return cfg, err
	}
	if err := places.check(places.root, reflect.TypeFor[kafkaFile](), "", ""); err != nil {
		return cfg, err
	}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(text), koanfyaml.Parser()); err != nil {
		return cfg, plainYAML(path, text, err)
	}
	var f kafkaFile
	if err := unmarshal(k, &f); err != nil {
		return cfg, fmt.Errorf("%s: %w", path, err)
	}
	cfg.TLS, cfg.SASL = f.Kafka.TLS, f.Kafka.SASL
	valid := cfg
	valid.Group = "none" // which a job file must have
	if err := valid.Validate(); err != nil {
		return cfg, fmt.Errorf("%s: %w", path, err)
	}
	return cfg, nil
}

// ParseSize reads a size such as 64MiB as bytes.
func ParseSize(text string) (int64, error) { return parseSize(text) }
