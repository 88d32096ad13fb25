// Package frozen lets other goroutines read what the entries of a table were at one moment
// while the goroutine that owns the table continues to modify them. The owner copies an entry
// before it first modifies or deletes it; readers copy the other entries themselves.
//
// Stability: ours.
package frozen
