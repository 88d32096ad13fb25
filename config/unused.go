package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"parallax/processors"
	"parallax/processors/route"
	"parallax/shadow/candidate"
)

// unusedKeys is a row of the table of keys without effect.
type unusedKeys struct {
	// keys are the keys. A section means all keys in it, except for those in except.
	keys, except []string
	// when reports whether the keys have no effect in a fully loaded job. by is the key
	// that is the reason, why the reason in the error.
	when func(*Loaded) bool
	by   string
	why  string
}

// unused are the keys without effect next to other settings. The first matching row for a
// key is used. Keys whose effect depends on the script are checked where the plan is known.
var unused = []unusedKeys{
	{
		keys: []string{"reports"},
		when: func(l *Loaded) bool { return !l.Job.Evidence.Enabled },
		by:   "evidence", why: "evidence is off, of which reports are made",
	},
	{
		keys: []string{"v2", "split", "migration", "canary", "job_server.v2"}, except: notOfV2,
		when: func(l *Loaded) bool { return l.isOff() && !l.isV1Alone() },
		by:   "processors.v2", why: "processors.v2 is off",
	},
	{
		keys: []string{"v2", "split", "migration", "canary", "job_server.v2", "processors.v2"}, except: notOfV2,
		when: func(l *Loaded) bool { return l.isV1Alone() },
		by:   "job_server.processor_architecture", why: "job_server.processor_architecture is v1, which turns V2 off",
	},
	{
		keys: []string{
			"v2.partitioning_strategy", "v2.force_strategy", "v2.num_partitions", "v2.enable_core_affinity",
			"job_server.v2.num_partitions", "job_server.v2.enable_core_affinity",
		},
		when: func(l *Loaded) bool { return l.Job.Processors.V2.Architecture == processors.ArchitectureV1 },
		by:   "processors.v2", why: "processors.v2 is v1, which has one partition",
	},
	{
		keys: []string{"v2.force_strategy"},
		when: func(l *Loaded) bool { return l.Job.Processors.V2.Strategy == route.Auto },
		by:   "v2.partitioning_strategy", why: "v2.partitioning_strategy is auto, which never splits a query's state",
	},
	{
		keys: []string{"v2.reseed_after", "v2.reseed_max", "v2.max_abandoned"},
		when: func(l *Loaded) bool { return !l.Job.V2.Reseed },
		by:   "v2.reseed", why: "v2.reseed is false",
	},
	{
		keys: []string{"v2.spare_cpu"},
		when: func(l *Loaded) bool { return l.IsSet("v2.on_overload") && l.Job.V2.OnOverload == candidate.Block },
		by:   "v2.on_overload", why: "v2.on_overload is block",
	},
	{
		keys: []string{"v2.backpressure.throttle", "job_server.v2.backpressure.throttle"},
		when: func(l *Loaded) bool { return l.IsSet("v2.on_overload") && l.Job.V2.OnOverload == candidate.Shed },
		by:   "v2.on_overload", why: "v2.on_overload is shed, which never slows the source down",
	},
	{
		keys: []string{"v2.backpressure"}, except: []string{"v2.backpressure.throttle"},
		when: func(l *Loaded) bool { return l.hasJobServersBackpressure() },
		by:   "job_server.v2.backpressure", why: "job_server.v2.backpressure sets the same",
	},
	{
		keys: []string{"v2.backpressure.throttle"},
		when: func(l *Loaded) bool {
			return l.hasJobServersBackpressure() && l.Job.JobServer.V2.Backpressure.Throttle != (candidate.Throttle{})
		},
		by: "job_server.v2.backpressure", why: "job_server.v2.backpressure.throttle sets the same",
	},
	{
		keys: []string{"v2.backpressure", "job_server.v2.backpressure"}, except: []string{"v2.backpressure.enabled", "job_server.v2.backpressure.enabled"},
		when: func(l *Loaded) bool { return !l.Job.V2.Backpressure.Enabled && l.hasJobServersBackpressure() },
		by:   "job_server.v2.backpressure.enabled", why: "job_server.v2.backpressure.enabled is not true",
	},
	{
		keys: []string{"v2.backpressure"}, except: []string{"v2.backpressure.enabled"},
		when: func(l *Loaded) bool { return !l.Job.V2.Backpressure.Enabled },
		by:   "v2.backpressure.enabled", why: "v2.backpressure.enabled is false",
	},
	{
		keys: []string{"v2.num_partitions"},
		when: func(l *Loaded) bool { return l.Job.JobServer != nil && l.Job.JobServer.V2.NumPartitions != nil },
		by:   "job_server.v2.num_partitions", why: "job_server.v2.num_partitions sets the same",
	},
	{
		keys: []string{"v2.enable_core_affinity"},
		when: func(l *Loaded) bool { return l.Job.JobServer != nil && l.Job.JobServer.V2.EnableCoreAffinity != nil },
		by:   "job_server.v2.enable_core_affinity", why: "job_server.v2.enable_core_affinity sets the same",
	},
	{
		keys: []string{"kafka.batch"},
		when: func(l *Loaded) bool { return l.Job.JobServer != nil && l.Job.JobServer.V2.BatchSize > 0 },
		by:   "job_server.v2.batch_size", why: "job_server.v2.batch_size sets the same",
	},
	{
		keys: []string{"state"}, except: []string{"state.enabled"},
		when: func(l *Loaded) bool { return !l.Job.State.Enabled },
		by:   "state.enabled", why: "state is off",
	},
	{
		keys: []string{"evidence.keep", "evidence.max_size"},
		when: func(l *Loaded) bool { return !l.Job.Evidence.Enabled },
		by:   "evidence.enabled", why: "evidence is off",
	},
	{
		keys: []string{"dead_letter"},
		when: func(l *Loaded) bool { return !l.Job.Emit },
		by:   "emit", why: "emit is false, so that no dead letters are written",
	},
	{
		keys: []string{"kafka.tls"}, except: []string{"kafka.tls.enabled"},
		when: func(l *Loaded) bool { return !l.Job.Kafka.TLS.Enabled },
		by:   "kafka.tls.enabled", why: "kafka.tls.enabled is not true",
	},
	{
		keys: []string{"kafka.tls.key_file"},
		when: func(l *Loaded) bool { return l.Job.Kafka.TLS.CertFile == "" },
		by:   "kafka.tls.cert_file", why: "kafka.tls.cert_file is not set",
	},
	{
		keys: []string{"kafka.sasl"}, except: []string{"kafka.sasl.mechanism"},
		when: func(l *Loaded) bool { return l.Job.Kafka.SASL.Mechanism == "" },
		by:   "kafka.sasl.mechanism", why: "kafka.sasl.mechanism is not set",
	},
}

// notOfV2 are the keys of job_server.v2 that also apply to V1.
var notOfV2 = []string{"job_server.v2.batch_size", "job_server.v2.processing_mode"}

func (l *Loaded) isOff() bool { return l.Job.Processors.V2.Architecture == processors.ArchitectureOff }

// isV1Alone reports whether job_server turns V2 off.
func (l *Loaded) isV1Alone() bool {
	return l.Job.JobServer != nil && strings.EqualFold(l.Job.JobServer.Architecture, "v1")
}

func (l *Loaded) hasJobServersBackpressure() bool {
	return l.Job.JobServer != nil &&
		(l.Job.JobServer.V2.Backpressure != (candidate.Backpressure{}) || l.IsSet("job_server.v2.backpressure.enabled"))
}

// IsSet reports whether the file, the environment or a flag sets a key.
func (l *Loaded) IsSet(key string) bool {
	_, ok := l.Origin[key]
	return ok
}

// isInFile reports whether it is the file that sets a key.
func (l *Loaded) isInFile(key string) bool { return strings.HasPrefix(l.Origin[key], l.Path+":") }

// refuseUnused returns an error for each key that is set and has no effect. known are all
// keys.
func (l *Loaded) refuseUnused(known []string) error {
	var all problems
	for _, key := range slices.Sorted(maps.Keys(l.Origin)) {
		if isSection(key, known) {
			continue
		}
		for i := range unused {
			if row := &unused[i]; row.names(key) && row.when(l) && !l.isSwitchedOutside(row.by, key) {
				all.add(l.Unused(key, row.why))
				break
			}
		}
	}
	return all.err()
}

// isSwitchedOutside reports whether the environment or a flag is the reason why a key of
// the file has no effect: a job must still start with PARALLAX_PROCESSORS__V2=off.
func (l *Loaded) isSwitchedOutside(by, key string) bool {
	return l.IsSet(by) && !l.isInFile(by) && l.isInFile(key)
}

// Unused is the error of a key that has no effect, with the place where it is set.
func (l *Loaded) Unused(key, why string) error {
	err := fmt.Errorf("%s: has no effect, because %s; remove it", key, why)
	switch origin := l.Origin[key]; {
	case strings.HasPrefix(origin, envPrefix):
		return fmt.Errorf("environment variable %s: %w", origin, err)
	case origin == "flag":
		return err
	}
	return l.Point(err)
}

// names reports whether the row contains a key.
func (u *unusedKeys) names(key string) bool {
	return isIn(key, u.keys) && !isIn(key, u.except)
}

// isIn reports whether a key, or a section that contains it, is in a list.
func isIn(key string, list []string) bool {
	return slices.ContainsFunc(list, func(k string) bool { return key == k || strings.HasPrefix(key, k+".") })
}

// isSection reports whether a key has keys below it.
func isSection(key string, known []string) bool {
	return slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, key+".") })
}
