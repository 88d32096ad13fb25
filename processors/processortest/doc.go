// Package processortest is the test suite for processors, with helpers for their tests.
//
// The specification are the golden files in testdata. Each describes one behaviour of the
// dialect: a sentence, a query, input records and the expected rows. Conform checks a
// processor against them, with batches of several sizes and with a restart in the middle.
// Metamorphic compares processors with the oracle on random inputs. The package also has
// small hand-made plans and inputs, for tests without SQL or JSON. It is not for
// production.
//
// Stability: ours.
package processortest
