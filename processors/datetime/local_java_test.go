package datetime

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// differentByVersion are the zones in which tzdata 2025a, which Java 17.0.15 has, is
// different from our 2025c, and since which version. At most ten.
var differentByVersion = map[string]string{
	"Asia/Tehran": "2025b: Iran went from +04 to +0330 on 1978-11-10, not at the end of the year",
	"Iran":        "2025b: the same zone",
}

// Zones with this prefix exist only in Java: tzdata removed them in 2020b. A query that
// uses one is refused.
const javasOwn = "SystemV/"

// TestLocalTimesAreJavas compares local times around each change of clocks with a table
// made by java.time.
func TestLocalTimesAreJavas(t *testing.T) {
	table := javaTable(t, "LocalTimes.java")
	if len(differentByVersion) > 10 {
		t.Fatalf("%d zones are said to differ by version: ten at most", len(differentByVersion))
	}
	var zone *time.Location
	name, version := "", ""
	zones, changes, wrong := 0, 0, map[string]int{}
	fail := func(format string, args ...any) {
		if wrong[name]++; wrong[name] == 1 && differentByVersion[name] == "" {
			t.Errorf("%s (%s): %s", name, version, fmt.Sprintf(format, args...))
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(table))
	for lines.Scan() {
		line := lines.Text()
		var local, moment, offset int64
		switch what, rest, _ := strings.Cut(line, " "); {
		case what == "java":
			version = line
		case what == "zone":
			name = rest
			zones++
			zone, _ = Zone(name)
			if known := zone != nil; known == strings.HasPrefix(name, javasOwn) {
				fail("the zone is known: %v", known)
			}
		case what == "change":
			changes++
		case zone != nil:
			if n, err := fmt.Sscan(line, &local, &moment, &offset); n != 3 {
				t.Fatalf("%q: %v", line, err)
			}
			shown := time.UnixMilli(local).UTC()
			at := InZone(shown, zone)
			if _, seconds := at.Zone(); at.UnixMilli() != moment || int64(seconds) != offset {
				fail("%s is %d at offset %d, and %d at %d in Java", shown.Format("2006-01-02T15:04:05.000"), at.UnixMilli(), seconds, moment, offset)
			}
		}
	}
	for _, known := range slices.Sorted(maps.Keys(differentByVersion)) {
		if wrong[known] == 0 {
			t.Errorf("%s does not differ from %s", known, version)
		}
	}
	if zones < 590 || changes < 30_000 {
		t.Errorf("Java's table has %d zones and %d changes of clocks: too few", zones, changes)
	}
	t.Logf("%s: %d zones, %d changes of clocks", version, zones, changes)
}

// javaTable runs a program in testdata and returns its output. Without a suitable Java the
// test is skipped, or fails in CI.
func javaTable(t *testing.T, program string) []byte {
	t.Helper()
	missing := func(why string) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s: in CI the table has to be made (install openjdk-17-jdk-headless)", why)
		}
		t.Skipf("SKIPPED: %s is not run, and nothing compared with Java: %s (install openjdk-17-jdk-headless)", program, why)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		missing("java is not installed")
	}
	modules, err := exec.Command(java, "--list-modules").Output()
	if err != nil || !bytes.Contains(modules, []byte("jdk.compiler@17")) {
		missing("java is not a JDK 17")
	}
	// Compiling one file and visiting the zones once needs no optimising compiler.
	table, err := exec.Command(java, "-XX:TieredStopAtLevel=1", "-Xshare:auto", "testdata/"+program).Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		t.Fatalf("%s: %v: %s", program, err, failed.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return table
}
