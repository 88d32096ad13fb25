// Package plan turns a parsed script into the plan that both paths run: bound and typed
// expressions, one Query for each statement that produces rows, the columns that the
// decoder must deliver, and the key by which V2 may split each query.
//
// A plan describes what a query means and not how it runs: V1, V2 and the oracle get the
// same plan. A plan is immutable.
//
// Stability: stable.
package plan
