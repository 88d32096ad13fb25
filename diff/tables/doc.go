// Package tables compares two sides that other programs wrote, such as two Kafka topics or
// files, as tables: by the last row of each key and window. It has no schema and no plan;
// how keys and windows are found is derived from the first records. It keeps a digest and a
// place for each key and reads rows again when they differ, so its memory does not depend
// on the size of the rows, and has a limit. It leaves the comparison of two rows to diff,
// and how records are read to a Source.
//
// Stability: ours.
package tables
