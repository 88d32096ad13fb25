// Package processortest is the suite that every processor runs, and what tests
// of processors share.
//
// The specification is the golden files in testdata: one behaviour of the
// dialect each, a sentence, a query, records and the rows that must come out.
// Conform holds a processor to them, whatever the batches, stopped and restored
// in the middle too. Metamorphic holds processors to the oracle on random
// inputs. Beside them stand small plans and inputs made by hand, for tests
// without SQL or JSON. Nothing here is for production.
//
// Stability: ours.
package processortest
