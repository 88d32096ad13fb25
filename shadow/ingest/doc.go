// Package ingest puts records into the input order and cuts that into batches:
// the k-way merge over topic-partitions, the watermark, the positions. It is
// where time is computed, once, for both paths. It fetches nothing: records are
// pushed to it, or read from a file.
//
// Stability: ours.
package ingest
