package bench

// floors are hand-written loops: the speed of one core over the same bytes if the query,
// the layout of the records and the ranges of their numbers are known in advance. The other
// paths are compared with them; they have no other use.
var floors = map[string]func(in *Input, batch int, out *output) error{
	"0":  floorOrders,
	"1":  floorOver,
	"2":  floorBySymbol(false),
	"2c": floorBySymbol(true),
	"3a": floorByTrader(false),
	"3b": floorByTrader(true),

	"session": floorSessions,
	"hopping": floorHopping,
	"join":    floorJoin,
}

// polledFloor is a floor that reads an input in the parts that a broker delivers.
type polledFloor interface {
	take(values [][]byte, out *output) error
	end(out *output)
}

// polledFloors create the floors of the scenarios that are measured with a broker.
var polledFloors = map[string]func() polledFloor{
	"3a": func() polledFloor { return newTraderFloor(false) },
	"3b": func() polledFloor { return newTraderFloor(true) },
}
