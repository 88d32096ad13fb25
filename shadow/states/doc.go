// Package states compares V2's state with V1's at a checkpoint: by digests, and, where these
// differ, entry by entry, to name the first keys that differ. It works beside both sides and
// does not look inside entries.
//
// Stability: ours.
package states
