// Package datetime implements the calendar of the SQL dialect: Java's date patterns, time
// zones, and units of time. Dates are in the proleptic Gregorian calendar. It reads no
// clock, and embeds its own time zone data.
//
// Stability: ours.
package datetime
