package host

import "testing"

func TestTheLeastQuotaOfAProcessesGroupsCounts(t *testing.T) {
	for _, c := range []struct {
		name, groups string
		files        map[string]string
		want         float64
	}{
		{name: "none", groups: "0::/\n"},
		{name: "no bound", groups: "0::/pod/main\n", files: map[string]string{"/pod/main/cpu.max": "max 100000\n"}},
		{name: "version 2", groups: "0::/\n", files: map[string]string{"/cpu.max": "150000 100000\n"}, want: 1.5},
		{
			name: "one above has less", groups: "0::/pod/main\n",
			files: map[string]string{"/pod/main/cpu.max": "400000 100000\n", "/pod/cpu.max": "50000 100000\n"}, want: 0.5,
		},
		{
			name: "version 1", groups: "4:memory:/x\n3:cpu,cpuacct:/docker/abc\n0::/\n",
			files: map[string]string{
				"cpu/docker/abc/cpu.cfs_quota_us": "-1\n", "cpu/docker/abc/cpu.cfs_period_us": "100000\n",
				"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n",
			}, want: 2,
		},
		{name: "not understood", groups: "nonsense\n0::/\n", files: map[string]string{"/cpu.max": "many few\n"}},
	} {
		read := func(name string) (string, bool) { text, ok := c.files[name]; return text, ok }
		if got := (cgroups{c.groups, read}).cpus(); got != c.want {
			t.Errorf("%s: %v CPUs, want %v", c.name, got, c.want)
		}
	}
}

func TestTheLeastMemoryOfAProcessesGroupsCounts(t *testing.T) {
	for _, c := range []struct {
		name, groups string
		files        map[string]string
		want         int64
	}{
		{name: "none", groups: "0::/\n"},
		{name: "no bound", groups: "0::/\n", files: map[string]string{"/memory.max": "max\n"}},
		{
			name: "one above has less", groups: "0::/pod/main\n",
			files: map[string]string{"/pod/main/memory.max": "2147483648\n", "/pod/memory.max": "1073741824\n"}, want: 1 << 30,
		},
		{
			name: "version 1", groups: "4:memory:/docker/abc\n3:cpu:/y\n",
			files: map[string]string{"memory/docker/abc/memory.limit_in_bytes": "536870912\n", "cpu/y/memory.limit_in_bytes": "1\n"}, want: 512 << 20,
		},
	} {
		read := func(name string) (string, bool) { text, ok := c.files[name]; return text, ok }
		if got := (cgroups{c.groups, read}).memory(); got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.want)
		}
	}
}
