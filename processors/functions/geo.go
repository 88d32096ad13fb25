package functions

import (
	"math"
	"strings"

	"parallax/processors/row"
)

// geoFunctions compute on the globe.
var geoFunctions = []Function{
	{
		Name:       "GEO_DISTANCE",
		Signatures: []string{"lat1 DOUBLE, lon1 DOUBLE, lat2 DOUBLE, lon2 DOUBLE, [unit STRING] -> DOUBLE"},
		TakesNull:  true, Eval: geoDistance,
		Doc:     "The great-circle distance of two points in decimal degrees, in km or, with 'MI', miles.",
		Example: "GEO_DISTANCE(0, 0, 0, 180) = 6371 * PI()",
	},
}

// The Earth's radius as ksqlDB has it.
const (
	radiusKm    = 6371
	radiusMiles = 3959
)

// radii are the Earth's radius by unit, in lower case.
var radii = map[string]float64{
	"": radiusKm, "km": radiusKm, "kilometer": radiusKm, "kilometers": radiusKm, "kilometre": radiusKm, "kilometres": radiusKm,
	"mi": radiusMiles, "mile": radiusMiles, "miles": radiusMiles,
}

// geoDistance goes by the haversine formula. A NULL unit is km.
func geoDistance(a []row.Value, _ row.Type) (row.Value, error) {
	var p [4]float64
	for i := range p {
		if a[i].IsNull() {
			return row.Value{}, nil
		}
		limit := 90.0
		if i%2 == 1 {
			limit = 180
		}
		if p[i] = a[i].Float64(); !(math.Abs(p[i]) <= limit) { // NaN is refused too
			return row.Value{}, ErrArgument
		}
	}
	unit := ""
	if len(a) == 5 {
		unit = strings.ToLower(strings.TrimSpace(a[4].Str()))
	}
	radius, ok := radii[unit]
	if !ok {
		return row.Value{}, ErrArgument
	}
	const radian = math.Pi / 180
	lat1, lat2 := p[0]*radian, p[2]*radian
	haversine := func(angle float64) float64 {
		s := math.Sin(angle / 2)
		return s * s
	}
	h := haversine((p[2]-p[0])*radian) + haversine((p[3]-p[1])*radian)*math.Cos(lat1)*math.Cos(lat2)
	return row.NewDouble(2 * math.Asin(math.Sqrt(min(h, 1))) * radius), nil
}
