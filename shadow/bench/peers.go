package bench

// Peer is a comparison with another engine that is computed and not measured: how many
// times as fast the floor was on the day when the peer ran over the same data, and the
// resulting ratios of today's paths.
type Peer struct {
	Scenario string `json:"scenario"`
	Name     string `json:"name"`
	// FloorTimes is how many times as fast as the peer the floor was.
	FloorTimes float64 `json:"floor_times"`
	// DirectTimes and V1Times follow from the paths' current ratios to the floor.
	DirectTimes float64 `json:"direct_times"`
	V1Times     float64 `json:"v1_times"`
}

// floorThen is the floor's time on the day of the peers, in ns for a record, on one core,
// with the layout known in advance and exact decimals.
var floorThen = map[string]float64{"0": 115, "2": 96, "3a": 166, "3b": 248}

// peersThen are the peers' records per second on that day, on one core.
var peersThen = []struct {
	name      string
	perSecond map[string]float64
}{
	{"octosql", map[string]float64{"0": 299e3, "2": 198e3, "3a": 53e3, "3b": 24e3}},
	{"eKuiper", map[string]float64{"0": 32e3, "2": 36e3, "3a": 37e3, "3b": 17e3}},
	{"Benthos", map[string]float64{"0": 48e3, "2": 44e3, "3b": 14e3}},
	{"goka", map[string]float64{"0": 54e3, "2": 54e3, "3a": 54e3, "3b": 54e3}}, // the best of 30 to 54 thousand
	{"streamsql", map[string]float64{"0": 176e3, "2": 125e3, "3a": 122e3, "3b": 70e3}},
}

// Peers compares a document's floor, direct and v1 with the peers.
func Peers(d *Document) []Peer {
	var list []Peer
	for _, id := range Scenarios() {
		direct, v1 := d.Find(id, "direct", oneCore, MainBatch), d.Find(id, "v1", oneCore, MainBatch)
		then, ok := floorThen[id]
		if !ok || direct == nil || v1 == nil || direct.RatioTo["floor"] == 0 || v1.RatioTo["floor"] == 0 {
			continue
		}
		for _, p := range peersThen {
			perSecond, ok := p.perSecond[id]
			if !ok {
				continue
			}
			times := 1e9 / then / perSecond
			list = append(list, Peer{
				Scenario: id, Name: p.name, FloorTimes: times,
				DirectTimes: times * direct.RatioTo["floor"], V1Times: times * v1.RatioTo["floor"],
			})
		}
	}
	return list
}
