package config

import (
	"reflect"
	"strings"
	"testing"

	"parallax/shadow/candidate"
)

const usedHead = "job: j\nkafka: {brokers: [a:1], group: g}\nsql: SELECT 1 FROM t;\n"

// withKafka is usedHead with more keys of kafka.
func withKafka(more string) string {
	return strings.Replace(usedHead, "group: g", "group: g, "+more, 1)
}

// TestAKeyWithoutEffectIsRefused goes through the table: the keys of each row are refused
// if its condition holds.
func TestAKeyWithoutEffectIsRefused(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range []struct{ text, at, key string }{
		{usedHead + "processors: {v2: off}\nv2: {deadline: 3s}\n", "5:6", "v2.deadline"},
		{usedHead + "processors: {v2: off}\nv2: {backpressure: {throttle: {max_delay_ms: 5}}}\n", "5:32", "v2.backpressure.throttle.max_delay_ms"},
		{usedHead + "processors: {v2: off}\nsplit: {percent: 5}\n", "5:9", "split.percent"},
		{usedHead + "processors: {v2: off}\njob_server: {v2: {enable_core_affinity: true}}\n", "5:19", "job_server.v2.enable_core_affinity"},
		{usedHead + "job_server: {processor_architecture: v1}\nv2: {memory: 1GiB}\n", "5:6", "v2.memory"},
		{usedHead + "job_server: {processor_architecture: V1}\nprocessors: {v2: v2}\n", "5:14", "processors.v2"},
		{usedHead + "job_server:\n  processor_architecture: v1\n  v2: {num_partitions: 8}\n", "6:8", "job_server.v2.num_partitions"},
		{usedHead + "processors: {v2: v1}\nv2: {partitioning_strategy: always_hash}\n", "5:6", "v2.partitioning_strategy"},
		{usedHead + "processors: {v2: v1}\njob_server: {v2: {num_partitions: 8}}\n", "5:19", "job_server.v2.num_partitions"},
		{usedHead + "v2: {force_strategy: true}\n", "4:6", "v2.force_strategy"},
		{usedHead + "v2: {partitioning_strategy: Auto, force_strategy: true}\n", "4:35", "v2.force_strategy"},
		{usedHead + "v2: {reseed: false, reseed_after: 2s}\n", "4:21", "v2.reseed_after"},
		{usedHead + "v2: {reseed: false, reseed_max: 2m}\n", "4:21", "v2.reseed_max"},
		{usedHead + "v2: {reseed: false, max_abandoned: 2}\n", "4:21", "v2.max_abandoned"},
		{usedHead + "v2: {on_overload: block, spare_cpu: 0.2}\n", "4:26", "v2.spare_cpu"},
		{usedHead + "v2: {on_overload: shed, backpressure: {throttle: {min_delay_us: 5}}}\n", "4:51", "v2.backpressure.throttle.min_delay_us"},
		{usedHead + "v2: {backpressure: {enabled: false, queue_threshold: 5}}\n", "4:37", "v2.backpressure.queue_threshold"},
		{usedHead + "v2: {backpressure: {enabled: true}}\njob_server: {v2: {backpressure: {enabled: false}}}\n", "4:21", "v2.backpressure.enabled"},
		{usedHead + "v2: {backpressure: {throttle: {min_delay_us: 5}}}\njob_server: {v2: {backpressure: {enabled: true, queue_threshold: 1, latency_threshold_ms: 1, throttle: {min_delay_us: 1, max_delay_ms: 1, backoff_multiplier: 2}}}}\n", "4:32", "v2.backpressure.throttle.min_delay_us"},
		{usedHead + "job_server: {v2: {backpressure: {queue_threshold: 5}}}\n", "4:34", "job_server.v2.backpressure.queue_threshold"},
		{usedHead + "v2: {num_partitions: 8}\njob_server: {v2: {num_partitions: 4}}\n", "4:6", "v2.num_partitions"},
		{usedHead + "v2: {enable_core_affinity: true}\njob_server: {v2: {enable_core_affinity: true}}\n", "4:6", "v2.enable_core_affinity"},
		{withKafka("batch: 5") + "job_server: {v2: {batch_size: 7}}\n", "2:35", "kafka.batch"},
		{usedHead + "evidence: {keep: 3d, enabled: false}\n", "4:12", "evidence.keep"},
		{usedHead + "state: {keep: 3, enabled: false}\n", "4:9", "state.keep"},
		{usedHead + "evidence: {enabled: false}\nreports: {keep: 30d}\n", "5:11", "reports.keep"},
		{usedHead + "evidence: {enabled: false, keep: 30d}\n", "4:28", "evidence.keep"},
		{usedHead + "emit: false\ndead_letter: d\n", "5:1", "dead_letter"},
		{withKafka("tls: {ca_file: x}"), "2:41", "kafka.tls.ca_file"},
		{withKafka("tls: {enabled: false, cert_file: x}"), "2:57", "kafka.tls.cert_file"},
		{withKafka("tls: {enabled: true, key_file: x}"), "2:56", "kafka.tls.key_file"},
		{withKafka("sasl: {username: u}"), "2:42", "kafka.sasl.username"},
		{withKafka("sasl: {password_env: u}"), "2:42", "kafka.sasl.password_env"},
	} {
		_, err := Parse("job.yaml", []byte(c.text), nil)
		want := "job.yaml:" + c.at + ": " + c.key + ": has no effect, because "
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n  %v\n  want %s", c.text, err, want)
			continue
		}
		why := strings.TrimPrefix(strings.Split(err.Error(), "\n")[0], want)
		covered[strings.TrimSuffix(why, "; remove it")] = true
	}
	for _, row := range unused {
		if !covered[row.why] {
			t.Errorf("no case for the row %q", row.why)
		}
	}
}

// TestEachKeyOfTheTableExists finds a mistyped row.
func TestEachKeyOfTheTableExists(t *testing.T) {
	known := map[string]bool{}
	for _, key := range knownKeys(reflect.TypeFor[Job](), "") {
		known[key] = true
	}
	for _, row := range unused {
		for _, key := range append(append([]string{row.by}, row.keys...), row.except...) {
			if !known[key] {
				t.Errorf("row %q names %s, which is no key", row.why, key)
			}
		}
	}
}

// TestAKeyWithAnEffectIsAccepted sets keys next to others that almost make them
// ineffective.
func TestAKeyWithAnEffectIsAccepted(t *testing.T) {
	for _, text := range []string{
		"processors: {v2: off}\njob_server: {v2: {batch_size: 5, processing_mode: batch}}\n",
		"job_server: {processor_architecture: v2, v2: {num_partitions: 8}}\nv2: {enable_core_affinity: false}\n",
		"v2: {shed_after: 2s, spare_cpu: 0.2, backpressure: {throttle: {min_delay_us: 5}}}\n", // the default is block with --until-end
		"v2: {on_overload: block, shed_after: 400ms}\n",                                       // it limits how long V2 is paused
		"v2: {on_overload: shed, backpressure: {queue_threshold: 5}}\n",
		"v2: {partitioning_strategy: always_hash, force_strategy: true}\n",
		"v2: {reseed: true, max_abandoned: 2}\n",
		"emit: false\nlate: dlq\non_error: dlq\n",
	} {
		if _, err := Parse("job.yaml", []byte(usedHead+text), nil); err != nil {
			t.Errorf("%s  %v", text, err)
		}
	}
}

// TestTheEnvironmentMaySwitchOffWhatTheFileSets: V2 can be turned off without changing the
// file. A key that the environment itself sets must have an effect.
func TestTheEnvironmentMaySwitchOffWhatTheFileSets(t *testing.T) {
	t.Setenv("PARALLAX_PROCESSORS__V2", "off")
	if _, err := Parse("job.yaml", []byte(usedHead+"v2: {deadline: 3s}\nsplit: {percent: 5}\n"), nil); err != nil {
		t.Error(err)
	}
	t.Setenv("PARALLAX_V2__DEADLINE", "4s")
	const want = "environment variable PARALLAX_V2__DEADLINE: v2.deadline: has no effect, because processors.v2 is off"
	if _, err := Parse("job.yaml", []byte(usedHead), nil); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v\nwant %s", err, want)
	}
}

// TestJobServerLeavesTheKeysOfV2ThatItDoesNotSet also shows that a backpressure that is off
// is accepted.
func TestJobServerLeavesTheKeysOfV2ThatItDoesNotSet(t *testing.T) {
	l, err := Parse("job.yaml", []byte(usedHead+"v2: {num_partitions: 8}\njob_server: {v2: {backpressure: {enabled: false}}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if l.Job.Processors.V2.Partitions != 8 || l.Job.V2.Backpressure.Enabled {
		t.Errorf("%+v, %+v", l.Job.Processors.V2, l.Job.V2.Backpressure)
	}
}

// TestJobServersBackpressureHasTheDefaultsOfV2s for each key that it does not set; 0 where it
// is written is refused.
func TestJobServersBackpressureHasTheDefaultsOfV2s(t *testing.T) {
	d := candidate.DefaultBackpressure()
	most, throttled := d, d
	most.QueueThreshold = 5
	throttled.Throttle.MaxDelayMS = 7
	for text, want := range map[string]candidate.Backpressure{
		"{enabled: true}":                                d,
		"{enabled: true, queue_threshold: 5}":            most,
		"{enabled: true, throttle: {max_delay_ms: 7}}":   throttled,
		"{enabled: true, throttle: {}}":                  d,
		"{enabled: true, throttle: {min_delay_us: 100}}": d,
		"{enabled: true, latency_threshold_ms: 100}":     d,
	} {
		l, err := Parse("job.yaml", []byte(usedHead+"job_server: {v2: {backpressure: "+text+"}}\n"), nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := l.Job.V2.Backpressure; got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
	for _, key := range []string{"queue_threshold: 0", "latency_threshold_ms: 0", "throttle: {min_delay_us: 0}", "throttle: {backoff_multiplier: 0}"} {
		_, err := Parse("job.yaml", []byte(usedHead+"job_server: {v2: {backpressure: {enabled: true, "+key+"}}}\n"), nil)
		if err == nil || !strings.Contains(err.Error(), "must") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
