package processors

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestConfigStringsAreReadInAnyCaseAndPrintedBackCanonically(t *testing.T) {
	for _, c := range []struct{ in, out string }{
		{"v1", "v1"},
		{" V1\t", "v1"},
		{"v2", "v2"},
		{"V2", "v2"},
		{"v2:1", "v2:1"},
		{"\nv2:8 ", "v2:8"},
		{"V2:1024", "v2:1024"},
		{"v2:affinity", "v2:affinity"},
		{"v2:AFFINITY", "v2:affinity"},
		{"V2:4:Affinity", "v2:4:affinity"},
	} {
		cfg, err := ParseConfig(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if got := cfg.String(); got != c.out {
			t.Errorf("%q is printed back as %q, want %q", c.in, got, c.out)
		}
		again, err := ParseConfig(cfg.String())
		if err != nil || again != cfg {
			t.Errorf("%q does not survive printing: %+v, %v", c.in, again, err)
		}
	}
}

func TestEverythingElseIsRefusedWithTheStringAndTheValidForms(t *testing.T) {
	for _, in := range []string{
		"", " ", "v", "v3", "v2foo", "v22", "v1:", "v1:4", "v1:affinity", "v2:", "v2::", "v2::affinity", "v2:0", "v2:-1", "v2:+4",
		"v2:04", "v2:1025", "v2:99999999999999999999", "v2:4:", "v2:4:x", "v2:4:4", "v2:affinity:4", "v2:4:affinity:", "v2: 4", "v2 :4",
		"v2:4.0", "v2:0x4", "oracle", "off", "v2,v1",
	} {
		_, err := ParseConfig(in)
		if !errors.Is(err, ErrConfig) {
			t.Errorf("%q: got %v, want an ErrConfig", in, err)
			continue
		}
		for _, want := range []string{`"` + in + `"`, "v1, v2, v2:N, v2:affinity, v2:N:affinity"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: the error %q does not say %q", in, err, want)
			}
		}
	}
}

func TestOracleAndOffAreReadOnlyWhereTheyAreAllowed(t *testing.T) {
	if c, err := ParseConfig(" Oracle ", ArchitectureOracle); err != nil || c.Architecture != ArchitectureOracle {
		t.Errorf("got %v, %v", c, err)
	}
	if _, err := ParseConfig("off", ArchitectureOracle); err == nil || !strings.Contains(err.Error(), "v2:N:affinity, oracle)") {
		t.Errorf("off where only oracle is allowed: %v", err)
	}
	var c Config
	if err := c.UnmarshalText([]byte("OFF")); err != nil || c.Architecture != ArchitectureOff {
		t.Errorf("got %v, %v", c, err)
	}
	if text, err := c.MarshalText(); err != nil || string(text) != "off" {
		t.Errorf("got %q, %v", text, err)
	}
	if err := c.UnmarshalText([]byte("v2foo")); err == nil || c.Architecture != ArchitectureOff {
		t.Errorf("a refused text must leave the value alone: %v, %v", c, err)
	}
}

func TestThePartitionCountIsTheCPUsUnlessItIsSaid(t *testing.T) {
	for text, want := range map[string]int{"v1": 1, "v2:7": 7, "v2": runtime.GOMAXPROCS(0), "v2:affinity": runtime.GOMAXPROCS(0)} {
		c, err := ParseConfig(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Count(); got != want {
			t.Errorf("%s: %d partitions, want %d", text, got, want)
		}
	}
	for cpus, want := range map[int]int{0: 8, -1: 8, 1: 1, 64: 64, 5000: MaxPartitions} {
		if got := partitionsFor(cpus); got != want {
			t.Errorf("%d CPUs: %d partitions, want %d", cpus, got, want)
		}
	}
}

func FuzzParseConfigTakesBackWhatItPrints(f *testing.F) {
	for _, s := range []string{"v1", "v2:4:affinity", "v2:", "v2:04", "V2:affinity"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		c, err := ParseConfig(in)
		if err != nil {
			return
		}
		again, err := ParseConfig(c.String())
		if err != nil || again != c {
			t.Fatalf("%q became %q, which is read as %+v, %v", in, c, again, err)
		}
	})
}
