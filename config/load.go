package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"

	"parallax/processors/sql"
)

// envPrefix begins the environment's overrides: PARALLAX_KAFKA__BROKERS is
// kafka.brokers.
const envPrefix = "PARALLAX_"

// Loaded is a job with the source of each of its values.
type Loaded struct {
	Job Job
	// Path is the job file's.
	Path string
	// Origin is, by key: the file's line ("job.yaml:4"), the environment variable,
	// or "flag". Keys that are not in it have their default.
	Origin map[string]string
	text   string // the job file's
	places *places
}

// Load reads a job file and its overrides. The keys of flags are those of the file
// ("kafka.batch"). The job is validated.
func Load(path string, flags map[string]any) (*Loaded, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, text, flags)
}

// Parse is Load for a text. path is its name in errors, and relative paths in it are
// relative to path.
func Parse(path string, text []byte, flags map[string]any) (*Loaded, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, fmt.Errorf("%s: the file is empty", path)
	}
	places, err := locate(path, text)
	if err != nil {
		return nil, err
	}
	var off []string
	for _, section := range []string{"state", "evidence"} {
		if places.switchOff(section, "enabled") {
			off = append(off, section)
		}
	}
	known := knownKeys(reflect.TypeFor[Job](), "")
	if err := places.refuseUnknown(known); err != nil {
		return nil, err
	}
	if err := places.check(places.root, reflect.TypeFor[Job](), "", ""); err != nil {
		return nil, err
	}
	l := &Loaded{Job: Default(), Path: path, Origin: map[string]string{}, text: string(text), places: places}
	k := koanf.New(".")
	if err := k.Load(rawbytes.Provider(text), koanfyaml.Parser()); err != nil {
		return nil, plainYAML(path, text, err)
	}
	for _, section := range off {
		if err := k.Load(confmap.Provider(map[string]any{section + ".enabled": false}, "."), nil); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, section, err)
		}
	}
	for key, at := range places.byKey {
		l.Origin[key] = fmt.Sprintf("%s:%d", path, at.line)
	}
	if err := l.overrides(k, known, flags); err != nil {
		return nil, err
	}
	if err := unmarshal(k, &l.Job); err != nil {
		return nil, places.point(err)
	}
	if err := l.Job.applyOtherKeys(l.IsSet); err != nil {
		return nil, places.point(err)
	}
	l.requireLevel()
	if err := l.Job.Validate(); err != nil {
		return nil, places.point(err)
	}
	if err := l.refuseUnused(known); err != nil {
		return nil, err
	}
	if err := l.refuseMigration(); err != nil {
		return nil, l.Point(err)
	}
	return l, nil
}

// Of is Load for a job in memory; name is its name in errors.
func Of(name string, job Job) (*Loaded, error) {
	l := &Loaded{Job: job, Path: name, Origin: map[string]string{}, places: &places{path: name}}
	if err := l.Job.applyOtherKeys(l.IsSet); err != nil {
		return nil, l.Point(err)
	}
	if err := l.Job.Validate(); err != nil {
		return nil, l.Point(err)
	}
	return l, nil
}

// overrides lays the environment and the flags over the file.
func (l *Loaded) overrides(k *koanf.Koanf, known []string, flags map[string]any) error {
	var wrong error
	provider := env.Provider(".", env.Opt{Prefix: envPrefix, TransformFunc: func(name, value string) (string, any) {
		if value == "" {
			return "", nil // as if it were not set
		}
		key := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "__", ".")
		if !slices.Contains(known, key) {
			err := fmt.Errorf("environment variable %s: there is no key %s", name, key)
			if near := sql.Nearest(key, known); near != "" {
				err = fmt.Errorf("%w; did you mean %s%s?", err, envPrefix, strings.ToUpper(strings.ReplaceAll(near, ".", "__")))
			}
			wrong = errors.Join(wrong, err)
			return "", nil
		}
		read, err := readOverride(key, value)
		if err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("environment variable %s: %w", name, err))
			return "", nil
		}
		l.Origin[key] = name
		if key == "kafka.brokers" {
			return key, strings.Split(value, ",")
		}
		return key, read
	}})
	if err := k.Load(provider, nil); err != nil {
		return fmt.Errorf("environment: %w", err)
	}
	if wrong != nil {
		return wrong
	}
	for key := range flags {
		l.Origin[key] = "flag"
	}
	return k.Load(confmap.Provider(flags, "."), nil)
}

func unmarshal(k *koanf.Koanf, job any) error {
	return k.UnmarshalWithConf("", job, koanf.UnmarshalConf{
		DecoderConfig: &mapstructure.DecoderConfig{
			Result: job, TagName: "koanf", WeaklyTypedInput: true, ErrorUnused: true, Squash: true,
			DecodeHook: mapstructure.ComposeDecodeHookFunc(
				offHook, nullHook, timeHook, sizeHook,
				mapstructure.StringToTimeDurationHookFunc(),
				mapstructure.TextUnmarshallerHookFunc(),
			),
		},
	})
}

// offHook reads YAML's false as off, because `v2: off` is a boolean in YAML.
func offHook(from, to reflect.Type, data any) (any, error) {
	if from.Kind() == reflect.Bool && to.Kind() == reflect.Struct && data == false {
		return "off", nil
	}
	return data, nil
}

// nullHook reads YAML's null as the word where a word is expected: `on_error: null`.
func nullHook(from, to reflect.Type, data any) (any, error) {
	if data == nil && to.Kind() == reflect.String {
		return "null", nil
	}
	return data, nil
}

// timeHook reads a YAML timestamp as its text: `start: 2024-01-02T03:04:05Z`.
func timeHook(_, to reflect.Type, data any) (any, error) {
	if t, ok := data.(time.Time); ok && to.Kind() == reflect.String {
		return t.Format(time.RFC3339), nil
	}
	return data, nil
}

// units of size, in bytes.
var units = []struct {
	name string
	size int64
}{
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
	{"TiB", 1 << 40},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"TB", 1e12},
	{"B", 1},
}

// sizeHook reads sizes such as 64MiB into integer fields. check has refused such a text for
// all other fields.
func sizeHook(_, to reflect.Type, data any) (any, error) {
	text, ok := data.(string)
	if !ok || to.Kind() != reflect.Int64 || to.PkgPath() != "" {
		return data, nil
	}
	if size, err := parseSize(text); err == nil {
		return size, nil
	}
	return data, nil
}

// knownKeys lists the keys of a configuration struct, including nested ones.
func knownKeys(t reflect.Type, prefix string) []string {
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("koanf")
		inner := indirect(f.Type)
		if strings.HasSuffix(tag, ",squash") {
			keys = append(keys, knownKeys(inner, prefix)...)
			continue
		}
		if tag == "" {
			continue
		}
		keys = append(keys, prefix+tag)
		if inner.Kind() == reflect.Struct && !readsText(inner) {
			keys = append(keys, knownKeys(inner, prefix+tag+".")...)
		}
	}
	return keys
}
