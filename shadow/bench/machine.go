package bench

import (
	"os"
	"runtime"
	"strconv"
	"strings"
)

// ThisMachine describes the machine; version and commit are the program's.
func ThisMachine(version, commit string) Machine {
	return Machine{
		CPU: procField("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Go: runtime.Version(),
		OS: runtime.GOOS, Arch: runtime.GOARCH, MemoryMiB: memoryMiB(procField("/proc/meminfo", "MemTotal")),
		Version: version, Commit: commit,
	}
}

// procField returns the first value for a name in one of Linux's lists of names and values,
// "" if there is none.
func procField(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// LoadAverage returns the machine's load averages over 1, 5 and 15 minutes, "" where they
// are not known.
func LoadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return ""
	}
	return strings.Join(fields[:3], ", ")
}

// memoryMiB converts a number of kB; 0 if the text is not a number.
func memoryMiB(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return n / 1024
}
