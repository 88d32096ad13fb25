package diff

// StateDifference describes a stage of a query whose states differ at a checkpoint.
type StateDifference struct {
	Stage string `json:"stage"`
	// Position is the checkpoint's: how many records of the input are in it.
	Position int64 `json:"position"`
	// Entries is the number of entries that only one side has, Keys are the keys of the first
	// ones. If they were not looked for or not found, Keys is empty and Why has the reason.
	Entries int64      `json:"entries"`
	Keys    []StateKey `json:"keys"`
	Why     string     `json:"why,omitempty"`
}

// StateKey is a key whose state differs, as both sides have it.
type StateKey struct {
	Key string `json:"key"`
	V1  string `json:"v1"`
	V2  string `json:"v2"`
}

// StateDiffers records that the states of a stage differ after a batch, the last one before a
// checkpoint. topic is the output of its query, "" for none. It is a root, or, where the
// stage differed at the checkpoint before, a cascade.
func (d *Differ) StateDiffers(batch int64, topic string, isRoot bool, s StateDifference) {
	d.found.batch = batch
	d.found.add(beside(divergence{class: StateClass, root: isRoot, topic: topic, shape: s.Stage, example: Example{Topic: topic, Batch: batch, State: &s}}))
	d.found.show(d.example)
}
