package datetime

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestEveryZoneOfTheDatabaseIsRead(t *testing.T) {
	read := 0
	for name, f := range zoneFiles() {
		if f.FileInfo().IsDir() {
			continue
		}
		if loc, ok := Zone(name); !ok || loc == nil {
			t.Errorf("zone %s is not read", name)
		}
		read++
	}
	if read < 590 {
		t.Errorf("the database has %d zones", read)
	}
	for _, name := range []string{"", "Local", "Europe", "Europe/", "Europe/Atlantis", "../Europe/Berlin", "europe/berlin"} {
		if loc, ok := Zone(name); ok {
			t.Errorf("%q is %v", name, loc)
		}
	}
}

// TestZonesDoNotDependOnTheHost runs itself with a ZONEINFO database in which Europe/Berlin
// is UTC. time.LoadLocation would use that database.
func TestZonesDoNotDependOnTheHost(t *testing.T) {
	const inside = "PARALLAX_TEST_ZONEINFO"
	if os.Getenv(inside) != "" {
		moment := time.UnixMilli(1_761_438_600_000)
		if loc, err := time.LoadLocation("Europe/Berlin"); err != nil || moment.In(loc).Hour() != 0 {
			t.Fatalf("the host's database is not in use (%v)", err)
		}
		if loc, ok := Zone("Europe/Berlin"); !ok || moment.In(loc).Format("15:04 -0700") != "02:30 +0200" {
			t.Errorf("Europe/Berlin is %v at %v", loc, moment.In(loc))
		}
		return
	}
	host := t.TempDir()
	if err := os.Mkdir(filepath.Join(host, "Europe"), 0o755); err != nil {
		t.Fatal(err)
	}
	// A version 1 file of one zone, UTC, without changes.
	utc := "TZif" + string(make([]byte, 16)) + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x01" + "\x00\x00\x00\x04" +
		"\x00\x00\x00\x00\x00\x00" + "UTC\x00"
	if err := os.WriteFile(filepath.Join(host, "Europe", "Berlin"), []byte(utc), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestZonesDoNotDependOnTheHost$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1", "ZONEINFO="+host)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
