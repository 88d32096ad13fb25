package bench

// floors are the hand-written loops: what one core can do with the same bytes
// when the query, the layout of the records and the ranges of their numbers are
// known in advance. They are what the other paths are held against, and of use
// for nothing else.
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

// polledFloor is a floor that takes an input as it comes from a broker.
type polledFloor interface {
	take(values [][]byte, out *output) error
	end(out *output)
}

// polledFloors make those of the scenarios that are measured against a broker.
var polledFloors = map[string]func() polledFloor{
	"3a": func() polledFloor { return newTraderFloor(false) },
	"3b": func() polledFloor { return newTraderFloor(true) },
}
